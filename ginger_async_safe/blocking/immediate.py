"""Conditions of two parts: cases in which a call never waits, declared as data, and what only its object's live state shows.

The guard evaluates both. The check reads the cases, and knows no live state. So each case is described once.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.acquiring import OF_SHAPES
from ginger_async_safe.blocking.clauses import Immediate, any_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.blocking.calls import BlockingCall, Condition
    from ginger_async_safe.blocking.clauses import Clause

__all__ = ["cases_of", "cases_of_rule", "never_waits_if", "waits_unless"]

_declared: dict[Condition, tuple[Immediate, ...]] = {}


def never_waits_if(*cases: Immediate | Clause, is_method: bool = True) -> Callable[[Condition], Condition]:
    """Make a condition of cases in which a call never waits, and a function that looks at what they leave open.

    The function is called with the call's arguments if none of the cases is true, and returns whether the call waits then.

    Args:
        cases: The cases, or clauses that are each a case of its own. The cheapest comes first.
        is_method: Whether the call's first positional argument is the object of a method.
    """
    declared, is_immediate = _evaluated(cases, is_method=is_method)

    def decorated(waits: Condition) -> Condition:
        @functools.wraps(waits)
        def condition(*args: object, **kwargs: object) -> bool:
            return not is_immediate(args, kwargs) and waits(*args, **kwargs)

        _declared[condition] = declared
        return condition

    return decorated


def waits_unless(*cases: Immediate | Clause, is_method: bool = True) -> Condition:
    """Return the condition that a call waits in all cases but these; see :func:`never_waits_if`."""
    declared, is_immediate = _evaluated(cases, is_method=is_method)

    def condition(*args: object, **kwargs: object) -> bool:
        return not is_immediate(args, kwargs)

    _declared[condition] = declared
    return condition


def _evaluated(
    cases: tuple[Immediate | Clause, ...], *, is_method: bool
) -> tuple[tuple[Immediate, ...], Callable[[tuple[object, ...], dict[str, object]], bool]]:
    """Return the cases, and the function that evaluates them on the arguments of a call."""
    declared = tuple(each if isinstance(each, Immediate) else Immediate((each,)) for each in cases)
    return declared, any_of([each.evaluator(int(is_method)) for each in declared])


def cases_of(condition: Condition | None) -> tuple[Immediate, ...]:
    """Return the cases that a condition declares."""
    return _declared.get(condition, ()) if condition is not None else ()


def cases_of_rule(rule: BlockingCall) -> tuple[Immediate, ...]:
    """Return the cases in which a call that a rule covers never waits, whatever else the guard would look at."""
    return cases_of(rule.blocks) or OF_SHAPES.get(rule.shape, ())
