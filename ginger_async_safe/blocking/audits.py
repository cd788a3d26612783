"""Checks by audit events: the interpreter raises one before it sleeps or opens, whoever calls for it and by what name.

A hook cannot be taken away, so there is one for the process, from the first guard on: it does nothing while no guard is
on. PEP 578 has the events.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe import detect
from ginger_async_safe.blocking.judge import judge

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.violation import GuardedCall

__all__ = ["Audit", "is_raised_here"]

_watched: dict[str, tuple[Audit, ...]] = {}
_hooks: list[object] = []


def is_raised_here(event: str) -> bool:
    """Tell whether this version of Python raises an event."""
    return bool(event) and (event != "time.sleep" or sys.version_info >= (3, 13))


class Audit:
    """A rule that an event applies.

    Args:
        rule: The rule.
        call: What a violation says of it.
    """

    def __init__(self, rule: BlockingCall, call: GuardedCall) -> None:
        self._rule = rule
        self._call = call
        _watched[rule.event] = (*_watched.get(rule.event, ()), self)
        if not _hooks:
            _hooks.append(_hook)
            sys.addaudithook(_hook)

    def undo(self) -> bool:
        """Apply it no longer; nobody can have put anything on top of it."""
        others = tuple(each for each in _watched.get(self._rule.event, ()) if each is not self)
        if others:  # rules of other guards that say different things of the event
            _watched[self._rule.event] = others
        else:
            _watched.pop(self._rule.event, None)
        return True

    def judge(self, arguments: tuple[Any, ...]) -> None:
        """Judge what is about to happen."""
        judge(self._rule, self._call, arguments, {}, sys._getframe(2))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    audits = _watched.get(event)
    if audits is not None and detect.probe() is not None:
        audits[-1].judge(arguments)
