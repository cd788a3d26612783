"""Recursion: which evaluations are under way, and which results depend on one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ginger_async_safe.lint.domain.values import Closure, FunctionValue
    from ginger_async_safe.lint.interpreter.results import Evaluation

__all__ = ["Recursion"]

_MAX_DEPTH = 45  # functions that call one another: findings below are rare, and recursion through data has no other end
_MAX_INSIDE_ITSELF = 3  # evaluations of one function inside one another, each with other arguments


class Recursion:
    """The evaluations that are under way, each inside the one before it.

    An evaluation that is met again inside itself has an empty result there. So has one of a function that is already
    inside itself several times: recursion through data has other arguments at each step, and would end only at the greatest
    depth. The results of the evaluations between the two depend on one that is not done, and hold no longer than it is
    under way. Dependences are kept as bits of an integer, one for each depth.
    """

    __slots__ = ("_dependences", "_depths", "_of_functions")

    def __init__(self) -> None:
        self._depths: dict[Hashable, int] = {}
        self._dependences: list[int] = [0]  # those of what is outside of all evaluations, then those of each
        self._of_functions: dict[FunctionValue | Closure, list[int]] = {}  # the depths of each function's evaluations

    @property
    def is_too_deep(self) -> bool:
        """Whether no evaluation may begin inside the current one."""
        return len(self._depths) > _MAX_DEPTH

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

    def cut(self) -> None:
        """Note that an evaluation does not begin, so that all that are under way depend on what is not done."""
        self.depend_on(1)

    def begin(self, evaluation: Evaluation, what: str = "result") -> None:
        """Begin an evaluation inside the current one.

        Args:
            evaluation: The evaluation.
            what: What is evaluated: several things about one call are different evaluations.
        """
        depth = len(self._depths)
        self._depths[evaluation if what == "result" else (what, evaluation)] = depth
        self._dependences.append(0)
        self._of_functions.setdefault(evaluation.function, []).append(depth)

    def end(self, evaluation: Evaluation) -> int:
        """End the current evaluation, and return the depths of those that its result depends on, as bits."""
        self._depths.popitem()
        depths = self._of_functions[evaluation.function]
        depths.pop()
        if not depths:
            del self._of_functions[evaluation.function]
        open_ones = self._dependences.pop() & ((1 << len(self._depths)) - 1)
        self.depend_on(open_ones)
        return open_ones

    @property
    def depth(self) -> int:
        """How many evaluations are under way."""
        return len(self._depths)
