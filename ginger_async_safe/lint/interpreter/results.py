"""Results: what evaluating functions gave, by what each was evaluated for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.values import Closure

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.scopes import Result
    from ginger_async_safe.lint.interpreter.recursion import Evaluation, Recursion

__all__ = ["Results"]


class Results:
    """The results of functions: each is computed once.

    Args:
        recursion: The evaluations that are under way, until whose end results that depend on them are kept.
    """

    __slots__ = ("_final", "_provisional", "_recursion")

    def __init__(self, recursion: Recursion) -> None:
        self._recursion = recursion
        self._final: dict[Evaluation, Result] = {}
        self._provisional: dict[Evaluation, tuple[Result, int]] = {}

    def find(self, evaluation: Evaluation) -> tuple[Result, int] | None:
        """Return the result of an evaluation, and the depths of those that it depends on, as bits; ``None`` if not known."""
        final = self._final.get(evaluation)
        return self._provisional.get(evaluation) if final is None else (final, 0)

    def keep(self, evaluation: Evaluation, result: Result) -> None:
        """Keep a result."""
        if not isinstance(evaluation.function, Closure):  # these are new in each evaluation of the function around them
            self._final[evaluation] = result

    def keep_provisional(self, evaluation: Evaluation, result: Result, depths: int) -> None:
        """Keep a provisional result.

        Args:
            evaluation: The evaluation.
            result: Its result.
            depths: The depths of the evaluations that it depends on, as bits.
        """
        self._recursion.keep(self._provisional, evaluation, result, depths)

    def forget(self) -> None:
        """Forget all results but the provisional ones, which end with what they depend on."""
        self._final.clear()
