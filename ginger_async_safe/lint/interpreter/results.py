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

    A provisional result depends on an evaluation that is still under way. It is kept only until one is done whose result
    is not provisional.
    """

    __slots__ = ("_final", "_provisional")

    def __init__(self) -> None:
        self._final: dict[Evaluation, Result] = {}
        self._provisional: dict[Evaluation, Result] = {}

    def find(self, evaluation: Evaluation) -> Result | None:
        """Return the result of an evaluation, or ``None`` where it is not known."""
        return self._final.get(evaluation) or self._provisional.get(evaluation)

    def keep(self, evaluation: Evaluation, result: Result) -> None:
        """Keep a result."""
        if not isinstance(evaluation.function, Closure):  # these are new in each evaluation of the function around them
            self._final[evaluation] = result

    def keep_provisional(self, evaluation: Evaluation, result: Result) -> None:
        """Keep a provisional result."""
        self._provisional[evaluation] = result

    def forget_provisional(self) -> None:
        """Forget the provisional results."""
        self._provisional.clear()

    def forget(self) -> None:
        """Forget all results."""
        self._final.clear()
        self._provisional.clear()
