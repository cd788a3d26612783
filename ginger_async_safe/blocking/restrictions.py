"""To whose calls rules are restricted, by the guards that are on: a call is judged where one of them means it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.violation import origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["is_meant", "lift", "restrict"]

_NOBODYS = frozenset({"ours", "stdlib"})
"""Whose code makes no call of its own accord."""

_in_force: dict[BlockingCall, tuple[tuple[str, ...], ...]] = {}


def restrict(rule: BlockingCall) -> None:
    """Take note of whose calls a guard means that is switched on."""
    _in_force[rule] = (*_in_force.get(rule, ()), rule.callers)


def lift(rule: BlockingCall) -> None:
    """Forget what one guard means that is switched off."""
    others = list(_in_force[rule])
    others.remove(rule.callers)
    if others:
        _in_force[rule] = tuple(others)
    else:
        del _in_force[rule]


def is_meant(rule: BlockingCall, frames: Iterable[FrameType]) -> bool:
    """Tell whether a guard that is on means a call.

    It is made by the innermost code outside the standard library. The package that the rule is about is passed over.

    Args:
        rule: The rule that covers the call.
        frames: The frame that makes it, and its callers.
    """
    of_guards = _in_force.get(rule)
    if of_guards is None:
        return False  # it is asked by a wrapper that somebody kept when its guard was switched off
    if not all(of_guards):
        return True  # a guard means all calls
    packages = tuple(each for callers in of_guards for each in callers)
    own = rule.target.partition(".")[0]
    for frame in frames:
        if origin(frame.f_code.co_filename) in _NOBODYS:
            continue
        modules = _names_of_module(frame)
        if any(_is_in(module, packages) for module in modules):
            return True
        if modules[-1].partition(".")[0] != own:
            return False
    return False


def _names_of_module(frame: FrameType) -> tuple[str, ...]:
    """Return what a module is called: one that ``python -m`` runs has a name beside ``__main__``."""
    name = str(frame.f_globals.get("__name__"))
    spec = frame.f_globals.get("__spec__") if name == "__main__" else None
    return (name,) if spec is None else (name, str(spec.name))


@lru_cache(maxsize=4096)
def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    """Tell whether a module is in one of some packages; ``shop`` and ``shop.*`` both mean the package and all in it."""
    patterns = Patterns([*packages, *(f"{each}.*" for each in packages)])
    return patterns.match(module) or patterns.match(f"{module}.")
