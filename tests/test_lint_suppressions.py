"""Comments suppress findings; unused suppressions are reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _reports import STOCK, VIEWS, write_shop

from ginger_async_safe.lint.domain.findings import Unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from _reports import Engine


def with_comment(line: int, comment: str, text: str = VIEWS) -> str:
    """Return a source with a comment at the end of a line."""
    lines = text.splitlines()
    lines[line - 1] += f"  {comment}"
    return "".join(f"{each}\n" for each in lines)


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: GAS201",
        "# noqa: E501, time.sleep",
        "# async-safe: allow[time.sleep] - it is short",
        "# async-safe: allow[time.*] - it is short",
        "# async-safe: allow[time] - it is short",
    ],
)
def test_on_the_async_line(comment: str, check: Callable[..., tuple[int, str]]) -> None:
    """A comment on the line of an async function suppresses what is found there."""
    write_shop(views=with_comment(5, comment))
    code, text = check()
    assert 1 == code
    assert "in dashboard" not in text
    assert text.endswith("2 findings, of 1 call in 3 files; 1 suppressed by comments\n")


def test_on_the_call_chain(check: Callable[..., tuple[int, str]]) -> None:
    """A comment on a line further down the call chain suppresses what goes through there."""
    write_shop(stock=with_comment(9, "# async-safe: allow[time] - it is short", STOCK))
    assert "in shelf" not in check()[1]
    write_shop(stock=with_comment(5, "# async-safe: allow[time] - it is short", STOCK))
    assert (0, "no findings in 3 files; 3 suppressed by comments\n") == check()


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("# noqa: GAS202", "# noqa: GAS202"),
        ("# noqa: os.stat", "# noqa: os.stat"),
        ("# async-safe: allow[files] - it is fast", "# async-safe: allow[files]"),
        ("# async-safe: allow[marked:shop.*] - it is fast", "# async-safe: allow[marked:shop.*]"),
    ],
)
def test_unused(comment: str, shown: str, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
    """An unused suppression is a problem."""
    write_shop(views=with_comment(5, comment))
    engine.findings.clear()
    code, text = check()
    assert 1 == code
    assert f"invalid or unused suppressions\n  shop/views.py:5: unused suppression: {shown}; delete it\n" in text


def test_unused_name(check: Callable[..., tuple[int, str]]) -> None:
    """A suppression with an unused name is, too."""
    write_shop(views=with_comment(5, "# noqa: GAS201, GAS202"))
    assert "shop/views.py:5: unused suppression: # noqa: GAS202; delete it\n" in check()[1]


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: E501", "# noqa: other.tools", "# noqa: X:y.z"])
def test_of_others(comment: str, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
    """A comment that may be for other tools is never reported as unused."""
    write_shop(views=with_comment(5, comment))
    engine.findings.clear()
    assert (0, "no findings in 3 files\n") == check()


@pytest.mark.parametrize(
    ("comment", "trouble"),
    [
        ("# async-safe: allow[time.sleep]", "it gives no reason"),
        ("# async-safe: time.sleep", "its form is wrong"),
        ("# async-safe: allow[time.slep] - why", "'time.slep' matches no rule; did you mean time.sleep"),
        ("# noqa: GAS999", "'GAS999' matches no rule"),
    ],
)
def test_invalid(comment: str, trouble: str, check: Callable[..., tuple[int, str]]) -> None:
    """An invalid suppression suppresses nothing, and is a problem."""
    write_shop(views=with_comment(5, comment))
    code, text = check()
    assert 1 == code
    assert "in dashboard" in text
    assert f"shop/views.py:5: invalid suppression: {trouble}" in text


def test_partial(engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
    """A check of some files reports no unused suppression; nor does one that could not read all."""
    write_shop(views=with_comment(5, "# noqa: GAS201"))
    engine.findings.clear()
    assert 0 == check("shop/views.py")[0]
    engine.unread = [Unread(Path.cwd() / "y.py", 0, "gone")]
    assert "unused suppression" not in check()[1]


@pytest.mark.parametrize(
    ("options", "code"), [((), 0), (("--dependencies",), 1), (("--dependencies", "--no-dependencies"), 0)]
)
@pytest.mark.parametrize("name", ["dependency:acme_sdk.*", "dependency", "GAS103"])
def test_of_packages(
    options: tuple[str, ...], code: int, name: str, engine: Engine, check: Callable[..., tuple[int, str]]
) -> None:
    """A comment for calls of installed packages is unused only where a check reads these."""
    write_shop(views=with_comment(5, f"# async-safe: allow[{name}] - it is fast"))
    engine.findings.clear()
    assert code == check(*options)[0]


def test_packages_are_left_out(engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
    """A check that reads less than the settings say does not find all entries of a baseline."""
    write_shop(settings="[tool.ginger_async_safe.check]\ndependencies = true\n")
    check("--baseline", "known.txt", "--update-baseline")
    engine.findings.clear()
    assert 1 == check("--baseline", "known.txt")[0]
    code, text = check("--baseline", "known.txt", "--no-dependencies")
    assert 0 == code
    assert "entry of the baseline not found, and kept: the installed packages were not read" in text


def test_other_rules_selected(check: Callable[..., tuple[int, str]]) -> None:
    """A comment for a rule that is not selected is not reported as unused."""
    write_shop(views=with_comment(5, "# noqa: GAS201"))
    assert 0 == check("--select", "files")[0]
