"""Results: what evaluating functions gave, by what each was evaluated for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.values import Closure

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.scopes import Arguments, Result
    from ginger_async_safe.lint.domain.values import FunctionValue

__all__ = ["Evaluation", "Results"]


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


class Results:
    """The results of functions: each is computed once.

    A provisional result depends on evaluations that are still under way. It is kept until the first of them is done.
    """

    __slots__ = ("_final", "_provisional", "_until")

    def __init__(self) -> None:
        self._final: dict[Evaluation, Result] = {}
        self._provisional: dict[Evaluation, tuple[Result, int]] = {}
        self._until: dict[int, list[Evaluation]] = {}  # the provisional ones, by the depth of what ends first

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
        self._provisional[evaluation] = result, depths
        self._until.setdefault(depths.bit_length() - 1, []).append(evaluation)

    def forget_dependent(self, depth: int) -> None:
        """Forget the provisional results that depend on the evaluation at a depth, which is done."""
        for evaluation in self._until.pop(depth, ()):
            self._provisional.pop(evaluation, None)

    def forget_provisional(self) -> None:
        """Forget the provisional results."""
        self._provisional.clear()
        self._until.clear()

    def forget(self) -> None:
        """Forget all results."""
        self._final.clear()
        self.forget_provisional()
