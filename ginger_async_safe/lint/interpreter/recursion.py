"""Recursion: which evaluations are under way, and which results depend on one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.kinds import Limit
    from ginger_async_safe.lint.domain.scopes import Arguments
    from ginger_async_safe.lint.domain.values import Closure, FunctionValue

__all__ = ["MAX_DEPTH", "Evaluation", "Recursion"]

MAX_DEPTH = 45
"""The most functions that call one another: findings below are rare, and recursion through data has no other end."""

_MAX_INSIDE_ITSELF = 3  # evaluations of one function inside one another, each with other arguments


class Evaluation(NamedTuple):
    """What a function is evaluated for.

    Attributes:
        function: The function.
        arguments: Its arguments.
        receiver: The object whose method it is, if it is one.
    """

    function: FunctionValue | Closure
    arguments: Arguments
    receiver: Value | None


class Recursion:
    """The evaluations that are under way, each inside the one before it.

    An evaluation that is met again inside itself has an empty result there. So has one of a function that is already
    inside itself several times: recursion through data has other arguments at each step, and would end only at the greatest
    depth. The results of the evaluations between the two depend on one that is not done: they are provisional, and kept
    until the innermost one that they depend on is done. What memos find out, such as the value of a name, is provisional
    too, until the outermost one is done (``memo.py``). Dependences are kept as bits of an integer, one for each depth.

    Attributes:
        forgets: Whether provisional results are forgotten in time; not where there is no budget for computing them again.
        limits: The limits that cut the current evaluation short, or one inside it.
    """

    __slots__ = ("_dependences", "_depths", "_kept", "_of_functions", "_parts", "forgets", "limits")

    def __init__(self) -> None:
        self.forgets: bool = True
        self.limits: frozenset[Limit] = frozenset()
        self._parts: int = 0
        self._depths: dict[Hashable, int] = {}
        self._dependences: list[int] = [0]  # those of what is outside of all evaluations, then those of each
        self._of_functions: dict[FunctionValue | Closure, list[int]] = {}  # the depths of each function's evaluations
        self._kept: dict[int, list[tuple[dict[Any, Any], Hashable]]] = {}  # provisional results, by what ends first

    @property
    def is_too_deep(self) -> bool:
        """Whether no evaluation may begin inside the current one."""
        return len(self._depths) - self._parts > MAX_DEPTH

    def meets(self, evaluation: Evaluation) -> bool:
        """Return whether an evaluation is under way, or comes too often; then the current one depends on it."""
        depth = self._depths.get(evaluation)
        if depth is None:
            depths = self._of_functions.get(evaluation.function, [])
            if len(depths) < _MAX_INSIDE_ITSELF:
                return False
            depth = depths[-1]
        self.depend_on(1 << depth)
        return True

    def depend_on(self, depths: int) -> None:
        """Note that the current evaluation depends on evaluations at certain depths, as bits."""
        self._dependences[-1] |= depths

    def cut(self, limit: Limit) -> None:
        """Note that an evaluation does not begin, so that all that are under way depend on what is not done."""
        self.depend_on(1)
        self.limits |= {limit}

    def begin(self, evaluation: Evaluation, what: str = "result") -> None:
        """Begin an evaluation inside the current one.

        Args:
            evaluation: The evaluation.
            what: What is evaluated: several things about one call are different evaluations.
        """
        self._of_functions.setdefault(evaluation.function, []).append(len(self._depths))
        self._begin(evaluation if what == "result" else (what, evaluation))

    def end(self, evaluation: Evaluation) -> int:
        """End the current evaluation, and return the depths of those that its result depends on, as bits."""
        depths = self._of_functions[evaluation.function]
        depths.pop()
        if not depths:
            del self._of_functions[evaluation.function]
        return self._end()

    def has_part(self, part: Hashable) -> bool:
        """Return whether something is being found out."""
        return part in self._depths

    def meets_part(self, part: Hashable) -> None:
        """Note that the current evaluation depends on something that is being found out."""
        self.depend_on(1 << self._depths[part])

    def begin_part(self, part: Hashable) -> None:
        """Begin to find out something inside the current evaluation, which does not count for the depth."""
        self._parts += 1
        self._begin(part)

    def end_part(self) -> int:
        """End it, and return the depths of the evaluations that it depends on, as bits."""
        self._parts -= 1
        return self._end()

    def keep(self, results: dict[Any, Any], key: Hashable, result: object, depths: int) -> None:
        """Keep a provisional result until the innermost evaluation that it depends on is done.

        Args:
            results: Where it is kept, with the depths.
            key: Its key there.
            result: The result.
            depths: The depths of the evaluations that it depends on, as bits.
        """
        results[key] = result, depths
        self._kept.setdefault(depths.bit_length() - 1, []).append((results, key))

    def forget_provisional(self) -> None:
        """Forget all provisional results."""
        for depth in list(self._kept):
            self._forget(depth)

    def _begin(self, key: Hashable) -> None:
        self._depths[key] = len(self._depths)
        self._dependences.append(0)

    def _end(self) -> int:
        self._depths.popitem()
        ended = len(self._depths)
        open_ones = self._dependences.pop() & ((1 << ended) - 1)
        self.depend_on(open_ones)
        if self.forgets and ended in self._kept:
            self._forget(ended)
        return open_ones

    def _forget(self, depth: int) -> None:
        for results, key in self._kept.pop(depth):
            results.pop(key, None)
