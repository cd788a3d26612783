"""The callers to which rules are restricted, by the guards that are on: one guard that covers a call is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.violation import is_in_packages, names_of_module, origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["is_in_scope", "restrict"]

_NEUTRAL = frozenset({"ours", "stdlib"})
"""Origins of code that calls only on behalf of its caller."""

_in_force: dict[BlockingCall, tuple[tuple[str, ...], ...]] = {}


def restrict(rules: Iterable[BlockingCall]) -> None:
    """Set the restrictions of the guards that are on.

    Args:
        rules: The rules of all guards, one after the other.
    """
    global _in_force  # noqa: PLW0603 - it is replaced as a whole: no thread sees a part of it
    found: dict[BlockingCall, tuple[tuple[str, ...], ...]] = {}
    for rule in rules:
        found[rule] = (*found.get(rule, ()), rule.callers)
    _in_force = found


def is_in_scope(rule: BlockingCall, frames: Iterable[FrameType]) -> bool:
    """Return whether a guard that is on covers a call from these frames.

    The caller is the innermost code outside the standard library. The package that the rule is for is passed over.

    Args:
        rule: The rule that covers the call.
        frames: The frame that makes it, and its callers.
    """
    of_guards = _in_force.get(rule)
    if of_guards is None:
        return False  # called by a wrapper to which a reference remained when its guard was switched off
    if not all(of_guards):
        return True  # a guard covers all callers
    packages = frozenset(each for callers in of_guards for each in callers)
    own = rule.target.partition(".")[0]
    for frame in frames:
        if origin(frame.f_code.co_filename) in _NEUTRAL:
            continue
        modules = names_of_module(frame)
        if any(is_in_packages(module, packages) for module in modules):
            return True
        if modules[-1].partition(".")[0] != own:
            return False
    return False
