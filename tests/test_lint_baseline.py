"""``ginger-async-safe check --baseline``: known findings are allowed, new ones fail, fixed ones must be deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _reports import marked, sleeps, step, write_shop

from ginger_async_safe.cli import main
from ginger_async_safe.lint.domain.findings import Finding, Unread

if TYPE_CHECKING:
    from _reports import Engine
    from _suites import Suite

WAITS = "time.sleep at shop.stock.wait"
RECOUNTS = "shop.stock.recount at shop.views.shelf"
KNOWN = "--baseline=known.txt"
UPDATE = "--update-baseline"


@pytest.fixture(autouse=True)
def _marked(engine: Engine) -> None:
    """Have the engine find marked functions, too."""
    engine.findings.append(marked())


def write(*lines: str) -> None:
    """Write the baseline by hand."""
    Path("known.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def entries() -> list[str]:
    """Return the lines of the baseline below its header."""
    return Path("known.txt").read_text(encoding="utf-8").splitlines()[2:]


def test_update(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists the call and the function that makes it, notes that the check wrote it, and the exit code is 0."""
    assert 0 == main(["check", KNOWN, UPDATE])
    assert [f"{RECOUNTS}  # by check", f"{WAITS}  # by check"] == entries()
    assert capsys.readouterr().out == (
        f"added to known.txt\n  {RECOUNTS}\n  {WAITS}\n\nno findings in 3 files; 4 in the baseline\n"
    )


def test_known(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings in the baseline are allowed; new ones are not."""
    write(WAITS)
    assert 1 == main(["check", KNOWN])
    assert capsys.readouterr().out.endswith("1 finding, of 1 call in 3 files; 3 in the baseline\n")
    write(WAITS, RECOUNTS)
    assert 0 == main(["check", KNOWN])


def test_of_settings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings may name it, relative to the project's folder."""
    write_shop(settings='[tool.ginger_async_safe.check]\nbaseline = "known.txt"\n')
    write(WAITS, RECOUNTS)
    assert 0 == main(["check"])
    monkeypatch.chdir("shop")
    assert 0 == main(["check"])


def test_fixed(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that the check wrote and no longer finds must be deleted; an update deletes it."""
    main(["check", KNOWN, UPDATE])
    engine.findings.pop()
    capsys.readouterr()
    assert 1 == main(["check", KNOWN])
    must = f"in known.txt but no longer found: delete them (or run with --update-baseline)\n  {RECOUNTS}\n"
    assert must in capsys.readouterr().out
    assert 0 == main(["check", KNOWN, UPDATE])
    assert f"no longer found, and deleted from known.txt\n  {RECOUNTS}\n" in capsys.readouterr().out
    assert [f"{WAITS}  # by check"] == entries()


def test_of_tests(engine: Engine) -> None:
    """The check accepts entries that runs of tests wrote, and keeps them; comments of people stay."""
    of_tests = "sqlite3.connect at shop.stock.dynamic  # found at run time"
    write(of_tests, f"{WAITS}  # by check; until spring", RECOUNTS)
    assert 0 == main(["check", KNOWN])
    engine.findings = [sleeps("cart", 9)]
    assert 0 == main(["check", KNOWN, UPDATE])
    assert [RECOUNTS, of_tests, f"{WAITS}  # by check; until spring"] == entries()
    engine.findings.clear()
    assert 0 == main(["check", KNOWN, UPDATE])
    assert [RECOUNTS, of_tests] == entries()


def test_run_of_tests(suite: Suite) -> None:
    """A run of tests accepts entries that the check wrote, and keeps them."""
    suite.write("""
        pytestmark = pytest.mark.asyncio

        async def test_titles():
            titles()
    """)
    known = suite.pytester.path / "known.txt"
    lines = "shop.gone at shop.view  # by check\nshop.titles at test_shop.test_titles  # by check\n"
    known.write_text(lines, encoding="utf-8")
    result = suite.run("--async-safe-baseline=known.txt", "--async-safe-strict-baseline")
    assert (0, 1) == (result.ret, result.parseoutcomes()["passed"])
    suite.run("--async-safe-baseline=known.txt", "--async-safe-update-baseline")
    assert known.read_text(encoding="utf-8").endswith(lines)


@pytest.mark.parametrize(("name", "value"), [("GINGER_ALLOW_ASYNC_UNSAFE", "1"), ("GINGER_ASYNC_SAFE", "ignore")])
def test_allowed(name: str, value: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding that the environment allows does not count as fixed."""
    main(["check", KNOWN, UPDATE])
    before = entries()
    monkeypatch.setenv(name, value)
    assert 0 == main(["check", KNOWN, UPDATE])
    assert before == entries()


def test_partial(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A check of some files reports and deletes no entry."""
    main(["check", KNOWN, UPDATE])
    before = entries()
    engine.findings.clear()
    capsys.readouterr()
    assert 0 == main(["check", "shop/views.py", KNOWN])
    assert "2 entries of the baseline not found, and kept: the check did not cover all of " in capsys.readouterr().out
    assert 0 == main(["check", "shop/views.py", KNOWN, UPDATE])
    assert before == entries()


def test_unread(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A check that could not read all files does not, either."""
    main(["check", KNOWN, UPDATE])
    engine.findings, engine.unread = [], [Unread(Path.cwd() / "x.py", 0, "gone")]
    assert 2 == main(["check", KNOWN, UPDATE])
    assert 2 == len(entries())
    assert "2 entries of the baseline not found, and kept: not all could be read" in capsys.readouterr().out


def test_selected(engine: Engine) -> None:
    """An update adds what is selected, and keeps what is not."""
    main(["check", KNOWN, UPDATE, "--select", "time"])
    assert [f"{WAITS}  # by check"] == entries()
    main(["check", KNOWN, UPDATE, "--select", "marked"])
    assert [f"{RECOUNTS}  # by check", f"{WAITS}  # by check"] == entries()


def test_nameless(engine: Engine) -> None:
    """A lambda or a comprehension counts as the function that it is in, as at run time."""
    names = ["shop.views.cart.<locals>.<lambda>", "shop.views.shelf.<locals>.inner.<locals>.<genexpr>"]
    engine.findings = [
        Finding((step("shop/views.py", 5, name, "time.sleep"),), "time.sleep", "time.sleep", "") for name in names
    ]
    main(["check", KNOWN, UPDATE])
    assert [
        "time.sleep at shop.views.cart  # by check",
        "time.sleep at shop.views.shelf.<locals>.inner  # by check",
    ] == entries()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([KNOWN], "known.txt does not exist; --update-baseline creates it"),
        ([UPDATE], "which baseline? Name the file with --baseline=FILE"),
        (["--baseline=pyproject.toml/known.txt", UPDATE], "known.txt cannot be written"),
    ],
)
def test_trouble(words: list[str], why: str, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A baseline that does not exist, is not named, or cannot be written is an error."""
    assert 2 == main(["check", *words])
    assert why in capsys.readouterr().err
