"""Checks by audit events (PEP 578): the interpreter raises one before it sleeps or opens, whoever calls it by what name.

An audit hook cannot be removed, so the process has one from the first guard on; it does nothing while no guard is on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe import detect
from ginger_async_safe.blocking.evaluation import evaluate_rule

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.violation import GuardedCall

__all__ = ["Audit", "is_raised_here"]

_watched: dict[str, tuple[Audit, ...]] = {}
_hooks: list[object] = []


def is_raised_here(event: str) -> bool:
    """Return whether this version of Python raises an event."""
    return bool(event) and (event != "time.sleep" or sys.version_info >= (3, 13))


class Audit:
    """A rule that is evaluated when an audit event is raised.

    Args:
        rule: The rule.
        call: The guarded call, as violations report it.
    """

    def __init__(self, rule: BlockingCall, call: GuardedCall) -> None:
        self._rule = rule
        self._call = call

    def apply(self) -> None:
        """Evaluate the rule from now on."""
        rule = self._rule
        _watched[rule.event] = (*_watched.get(rule.event, ()), self)
        if not _hooks:
            _hooks.append(_hook)
            sys.addaudithook(_hook)

    def undo(self) -> bool:
        """Evaluate the rule no longer; no other code can have wrapped it."""
        others = tuple(each for each in _watched.get(self._rule.event, ()) if each is not self)
        if others:  # rules of other guards for the same event
            _watched[self._rule.event] = others
        else:
            _watched.pop(self._rule.event, None)
        return True

    def evaluate(self, arguments: tuple[Any, ...]) -> None:
        """Evaluate the rule for the call that raises the event."""
        hook = sys._getframe().f_back  # it has no calling frame where only code in C runs
        evaluate_rule(self._rule, self._call, arguments, {}, None if hook is None else hook.f_back)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    audits = _watched.get(event)
    if audits is not None and detect.probe() is not None:
        audits[-1].evaluate(arguments)
