"""Recursion: what is found out while something that it needs is still being found out."""

from __future__ import annotations

import pytest
from _values import Program

from ginger_async_safe.lint.domain.kinds import Limit
from ginger_async_safe.lint.domain.scopes import Arguments, Result
from ginger_async_safe.lint.domain.values import Constant, FunctionValue
from ginger_async_safe.lint.interpreter.memo import RecursiveMemo
from ginger_async_safe.lint.interpreter.recursion import Evaluation, Recursion
from ginger_async_safe.lint.interpreter.results import Results


class Numbers:
    """Numbers that are found out from others.

    Args:
        needs: The numbers that each needs.
        enough: Those that are what they will be, although they are still being found out.
        keeps: Whether provisional ones are kept.
    """

    def __init__(self, needs: dict[str, str], enough: str = "", *, keeps: bool = False) -> None:
        self.found: list[str] = []
        self._needs = needs
        self._enough = enough
        self._frame = Program().frame
        self._memo: RecursiveMemo[str, str] = RecursiveMemo(
            Recursion(), lambda key: (f"{key}?", 0), keeps=lambda _, __: keeps
        )

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


def evaluation(name: str) -> Evaluation:
    """Return the evaluation of a function."""
    return Evaluation(FunctionValue(Program().frame.module, name, 1), Arguments(), None)


def test_innermost() -> None:
    """The provisional result of a function ends with the innermost evaluation that it depends on; a final one does not."""
    recursion = Recursion()
    results = Results(recursion)
    outer, middle, inner, later = map(evaluation, ("outer", "middle", "inner", "later"))
    recursion.begin(outer)
    recursion.begin(middle)
    recursion.begin(inner)
    assert recursion.meets(outer)
    assert recursion.meets(middle)
    depths = recursion.end(inner)
    assert 0b11 == depths
    results.keep_provisional(inner, Result(), depths)
    recursion.begin(later)
    known = results.find(inner)
    assert (Result(), depths) == known
    recursion.depend_on(depths)
    assert depths == recursion.end(later)  # whoever uses it depends on the same
    assert 0b1 == recursion.end(middle)
    assert results.find(inner) is None
    assert not recursion.end(outer)
    results.keep(outer, Result())
    assert (Result(), 0) == results.find(outer)


def test_too_often() -> None:
    """A function inside itself for the fourth time depends on the third, and parts do not count."""
    recursion = Recursion()
    function = FunctionValue(Program().frame.module, "walk", 1)
    walks = [Evaluation(function, Arguments((Constant(number),)), None) for number in range(4)]
    for walk in walks[:3]:
        assert not recursion.meets(walk)
        recursion.begin(walk)
        recursion.begin_part(walk)
    assert recursion.meets(walks[3])
    recursion.end_part()
    assert 0 == recursion.end(walks[2])
    assert not recursion.meets(walks[3])


def test_limits() -> None:
    """What a limit cuts short depends on the outermost evaluation, and says so."""
    recursion = Recursion()
    first, second = map(evaluation, ("first", "second"))
    recursion.begin(first)
    recursion.begin(second)
    recursion.cut(Limit.DEPTH)
    assert 1 == recursion.end(second)
    assert 0 == recursion.end(first)
    assert {Limit.DEPTH} == recursion.limits


@pytest.mark.parametrize(("keeps", "found"), [(False, ["a", "b", "b"]), (True, ["a", "b"])])
def test_kept(keeps: bool, found: list[str]) -> None:
    """A memo may keep what is provisional."""
    numbers = Numbers({"a": "b", "b": "a"}, keeps=keeps)
    for key in "ab":
        numbers.of(key)
    assert found == numbers.found


def test_without_budget() -> None:
    """Provisional results stay where there is no budget for computing them again, until all are forgotten."""
    recursion = Recursion()
    results = Results(recursion)
    outer, inner = map(evaluation, ("outer", "inner"))
    recursion.begin(outer)
    recursion.begin(inner)
    recursion.meets(outer)
    results.keep_provisional(inner, Result(), recursion.end(inner))
    recursion.forgets = False
    recursion.end(outer)
    assert (Result(), 1) == results.find(inner)
    recursion.forget_provisional()
    assert results.find(inner) is None
