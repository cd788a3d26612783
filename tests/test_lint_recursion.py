"""Recursion: what is found out while something that it needs is still being found out."""

from __future__ import annotations

import pytest
from _values import Program

from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import FunctionValue
from ginger_async_safe.lint.interpreter.memo import RecursiveMemo
from ginger_async_safe.lint.interpreter.recursion import Evaluation, Recursion


class Numbers:
    """Numbers that are found out from others.

    Args:
        needs: The numbers that each needs.
        enough: Those that are what they will be, although they are still being found out.
    """

    def __init__(self, needs: dict[str, str], enough: str = "") -> None:
        self.found: list[str] = []
        self._needs = needs
        self._enough = enough
        self._frame = Program().frame
        self._memo: RecursiveMemo[str, str] = RecursiveMemo(Recursion(), lambda key: (f"{key}?", 0))

    def of(self, key: str) -> str:
        """Return a number with those that it needs, in brackets; one that is being found out has a question mark."""
        return self._memo.of(key, self._frame, self._found, key, is_enough=lambda _: key in self._enough)

    def _found(self, key: str) -> tuple[str, int]:
        return self._find(key), 0

    def _find(self, key: str) -> str:
        self.found.append(key)
        needed = "".join(map(self.of, self._needs.get(key, "")))
        return f"{key}({needed})" if needed else key


@pytest.mark.parametrize(
    ("needs", "asked", "found", "answers"),
    [
        # Each once.
        ({"a": "b"}, "aab", "ab", ["a(b)", "a(b)", "b"]),
        # In a circle, what was found out of the inner one holds only until the outer one is done.
        ({"a": "b", "b": "a"}, "abab", "abb", ["a(b(a?))", "b(a(b(a?)))", "a(b(a?))", "b(a(b(a?)))"]),
        # Meanwhile it is found out once, also where something that needs no circle is done in between.
        ({"a": "bcb", "b": "a", "c": "d"}, "a", "abcd", ["a(b(a?)c(d)b(a?))"]),
        # What depends on nothing that is under way is kept at once.
        ({"a": "bc", "b": "ad", "d": "e"}, "ade", "abdec", ["a(b(a?d(e))c)", "d(e)", "e"]),
        # It depends on itself alone.
        ({"a": "a"}, "aa", "a", ["a(a?)", "a(a?)"]),
        # The inner circle is done before the outer one.
        ({"a": "bd", "b": "cb", "c": "b"}, "abc", "abcdc", ["a(b(c(b?)b?)d)", "b(c(b?)b?)", "c(b(c(b?)b?))"]),
    ],
)
def test_circles(needs: dict[str, str], asked: str, found: str, answers: list[str]) -> None:
    """What is found out in a circle is kept only as long as what it depends on is under way."""
    numbers = Numbers(needs)
    assert answers == [numbers.of(key) for key in asked]
    assert found == "".join(numbers.found)


def test_enough() -> None:
    """What stands for something that is being found out, and is enough, makes nothing provisional."""
    numbers = Numbers({"a": "b", "b": "a"}, enough="a")
    assert ["a(b(a?))", "b(a?)"] == [numbers.of("a"), numbers.of("b")]
    assert ["a", "b"] == numbers.found


def test_failure() -> None:
    """An error while something is found out leaves nothing under way."""
    recursion = Recursion()
    memo: RecursiveMemo[str, str] = RecursiveMemo(recursion, lambda key: (f"{key}?", 0))
    frame = Program().frame
    with pytest.raises(ZeroDivisionError):
        memo.of("a", frame, lambda: (str(1 // 0), 0))
    assert "a" not in memo
    assert memo.of("a", frame, lambda: ("found", 0)) == "found"


def test_depth() -> None:
    """Parts of evaluations do not count for the depth."""
    recursion = Recursion()
    module = Program().frame.module
    for number in range(46):
        function = FunctionValue(module, f"function{number}", number)
        recursion.begin(Evaluation(function, Arguments(), None))
        recursion.begin_part(("part", number))
        assert recursion.is_too_deep is (number == 45)
