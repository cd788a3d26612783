"""Suppression comments, as they are parsed from source."""

from __future__ import annotations

import pickle
from textwrap import dedent

import pytest

from ginger_async_safe.lint.source.suppression_comments import FORM, Comment, comments_of


def one(source: str) -> Comment:
    """Return the only comment of a source."""
    (comment,) = comments_of(dedent(source))
    return comment


@pytest.mark.parametrize("source", ["", "x = 1  # a note", "x = '# noqa'", 'x = """\n# async-safe: allow[x] - y\n"""'])
def test_none(source: str) -> None:
    """Source without such a comment has none; a string is no comment."""
    assert () == comments_of(source)


@pytest.mark.parametrize("text", ["# noqa", "#noqa", "# NoQA", "# pragma: no cover # noqa"])
def test_bare_noqa(text: str) -> None:
    """A bare ``# noqa`` applies to everything on its line."""
    assert Comment(1, 1, 1, is_own=False) == one(f"x = 1  {text}")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("# noqa: GAS201", ("GAS201",)),
        ("# noqa:GAS201,GAS101", ("GAS201", "GAS101")),
        ("# noqa: E501, GAS201 W291", ("GAS201",)),
        ("# noqa: GAS201 - it is quick, time.sleep or not", ("GAS201",)),
        ("# noqa: time.sleep", ("time.sleep",)),
        (
            "# noqa: E501, time.*, marked:shop.stock.recount, orm:get",
            ("time.*", "marked:shop.stock.recount", "orm:get"),
        ),
    ],
)
def test_noqa_with_rules(text: str, rules: tuple[str, ...]) -> None:
    """A ``# noqa`` with rules is read like ruff and flake8 do, and what may be this library's is kept."""
    assert rules == one(f"x = 1  {text}").rules


@pytest.mark.parametrize("text", ["# noqa: E501", "# noqa: E501,W291", "# noqa: because", "# ruff: noqa", "# noqa-not"])
def test_noqa_of_others(text: str) -> None:
    """A comment with other tools' codes only is ignored."""
    assert () == comments_of(f"x = 1  {text}")


@pytest.mark.parametrize("dash", ["-", "--", "\N{EN DASH}", "\N{EM DASH}", ":"])
def test_own(dash: str) -> None:
    """This library's own comment names rules, and gives a reason."""
    expected = Comment(1, 1, 1, is_own=True, rules=("time.sleep", "files"), reason="it is at start-up")
    assert expected == one(f"x = 1  # async-safe: allow[time.sleep, files] {dash} it is at start-up")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("allow[time.sleep]", "it gives no reason"),
        ("allow[time.sleep] -", "it gives no reason"),
        ("allow[time.sleep] it is fine", "a dash is missing before its reason"),
        ("allow[] - it is fine", "it names no rule"),
        ("allow time.sleep - it is fine", "its form is wrong"),
        ("ignore", "its form is wrong"),
        ("", "its form is wrong"),
    ],
)
def test_trouble(text: str, trouble: str) -> None:
    """For a comment that is malformed or gives no reason, the expected form is reported."""
    assert f"{trouble}; write {FORM}" == one(f"x = 1  # async-safe: {text}").trouble


def test_both_in_one() -> None:
    """Several suppressions in one comment are read separately; a reason ends where the next one begins."""
    own, noqa = comments_of("x = 1  # async-safe: allow[time.sleep] - see #7 # noqa: GAS202")
    assert ("see #7", ("GAS202",)) == (own.reason, noqa.rules)


def test_statement_of_many_lines() -> None:
    """A comment on any line of a statement applies to all of it."""
    source = """\
    x = 1
    total = sum(
        [a, b],  # noqa
        c,
    )
    y = 2
    """
    assert (3, 2, 5) == one(source)[:3]


def test_head_of_a_function() -> None:
    """A comment on the head of a compound statement applies to the head only."""
    assert (1, 1, 2) == one("async def f(  # noqa\n): \n    wait()\n")[:3]


def test_above() -> None:
    """A comment of this library alone on its line applies to the statement below; a ``# noqa`` applies to its own line."""
    source = """\
    async def view():
        # async-safe: allow[time.sleep] - it is
        # at start-up

        wait(
            1,
        )
        # noqa
        wait()
    """
    assert [(2, 5, 7), (8, 8, 8)] == [each[:3] for each in comments_of(dedent(source))]


def test_at_the_end() -> None:
    """A comment below the last statement is read, too."""
    assert (2, 2, 2) == one("x = 1\n# async-safe: allow[time.sleep] - it is fine")[:3]


@pytest.mark.parametrize("rest", ["f(", "  x = 1\n y", "x = '''", "\0", "x = 1 +* ?"])
def test_no_python(rest: str) -> None:
    """If a source is no valid Python, what is above the error is read."""
    assert Comment(1, 1, 1, is_own=False) in comments_of(f"x = 1  # noqa\n{rest}")


def test_can_be_kept() -> None:
    """A comment can be stored in the cache as plain values."""
    found = comments_of("x = 1  # async-safe: allow[time.sleep] - it is fine")
    assert found == pickle.loads(pickle.dumps(found))
    assert all(isinstance(value, (int, str, tuple)) for value in found[0])
