"""Arguments with which a call never waits, whatever the state of its object: each condition of a rule declares its own.

The guard calls the condition with the call's real arguments. The check, which knows some arguments and no states, reads what
is declared here. So both have one description, beside the code that evaluates it.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["Immediate", "immediate_arguments", "never_waits_with"]

_P = ParamSpec("_P")


class Immediate(NamedTuple):
    """An argument with which a call never waits.

    Attributes:
        position: Its position among the positional arguments, without the object of a method.
        name: Its name.
        value: The value with which the call does not wait.
    """

    position: int
    name: str
    value: object


_declared: dict[Callable[..., Any], tuple[Immediate, ...]] = {}

_OF_SHAPES = {
    "lock": (Immediate(0, "blocking", False), Immediate(1, "timeout", 0)),
    "entering": (Immediate(0, "blocking", False), Immediate(1, "timeout", 0)),
    "process_lock": (Immediate(0, "block", False), Immediate(1, "timeout", 0)),
}
"""Those of ``acquire``, whose wrapper has the condition in its own code."""


def never_waits_with(*, is_method: bool = True, **values: object) -> Callable[[Callable[_P, bool]], Callable[_P, bool]]:
    """Declare arguments with which the call of a condition never waits.

    Args:
        is_method: Whether the condition's first parameter is the object of a method.
        values: The value of each such argument, by the name of the condition's parameter.
    """

    def decorated(condition: Callable[_P, bool]) -> Callable[_P, bool]:
        names = list(inspect.signature(condition).parameters)
        _declared[condition] = tuple(
            Immediate(names.index(name) - is_method, name, value) for name, value in values.items()
        )
        return condition

    return decorated


@cache
def immediate_arguments(rule: BlockingCall) -> tuple[Immediate, ...]:
    """Return the arguments with which a call that a rule covers never waits."""
    if rule.shape in _OF_SHAPES:
        return _OF_SHAPES[rule.shape]
    return () if rule.blocks is None else _declared.get(rule.blocks, ())
