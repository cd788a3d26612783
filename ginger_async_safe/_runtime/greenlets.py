"""Greenlets: which of them waits for which, and which contexts they have entered.

greenlet is never imported here: in a program that has not imported it, each thread has only one stack.
"""

# ruff: noqa: ANN401 - greenlet is never imported, so its class has no name here

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.heap import instances
from ginger_async_safe._runtime.modules import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextvars import Context

__all__ = ["ancestors", "contexts_elsewhere", "current_greenlet", "has_entered_context", "waiting_with"]


def current_greenlet() -> Any | None:
    """Return the greenlet that runs this code, or ``None`` where the program has not imported greenlet."""
    getcurrent = _of_greenlet("getcurrent")
    return None if getcurrent is None else getcurrent()


def _of_greenlet(name: str) -> Any | None:
    """Return an attribute of greenlet's C module, or of the package; ``None`` where neither is imported yet."""
    found = attribute("greenlet._greenlet", name)
    return attribute("greenlet", name) if found is None else found


def _all_greenlets() -> list[Any]:
    """Return the greenlets of every thread. This searches the heap, which takes milliseconds."""
    kind = _of_greenlet("greenlet")
    return [] if kind is None else instances(kind)


def ancestors(greenlet: Any | None) -> list[Any]:
    """Return the ancestors of a greenlet, the nearest first: they wait for it. ``None`` has none."""
    found: list[Any] = []
    while greenlet is not None and (greenlet := greenlet.parent) is not None:
        found.append(greenlet)
    return found


def waiting_with(greenlet: Any) -> list[Any] | None:
    """Return the ancestors of the greenlet now running in the thread of a given greenlet, the nearest first.

    The thread may be another one. Returns an empty list where the given greenlet itself runs, and ``None`` where it
    does not wait for the running one: that is a sibling, or an ancestor. Unless the given greenlet itself runs, this
    may search the heap, which takes milliseconds.
    """
    if _runs(greenlet):
        return []
    if any(map(_runs, ancestors(greenlet))):
        return None
    for each in _all_greenlets():
        if _runs(each) and greenlet in (waiting := ancestors(each)):
            return waiting
    return None


def _runs(greenlet: Any) -> bool:
    """Return whether a greenlet is the one running in its thread; its ``gr_frame`` is ``None`` then."""
    return bool(greenlet) and greenlet.gr_frame is None


def has_entered_context() -> bool:
    """Return whether the greenlet that runs this code, or one that waits for it, has entered a context."""
    return bool(_entered_contexts(_current_and_waiting()))


def contexts_elsewhere() -> list[Context]:
    """Return the contexts entered by greenlets that do not wait for this code. This searches the heap."""
    waiting = _current_and_waiting()
    return _entered_contexts(each for each in _all_greenlets() if each not in waiting)


def _current_and_waiting() -> list[Any]:
    current = current_greenlet()
    return [] if current is None else [current, *ancestors(current)]


def _entered_contexts(greenlets: Iterable[Any]) -> list[Context]:
    """Return the contexts of these greenlets that are entered.

    A context cannot be entered twice, so ``run()`` raises RuntimeError for one that is entered.
    """
    entered = []
    for greenlet in greenlets:
        try:
            context = greenlet.gr_context
        except ValueError:  # the greenlet runs in another thread
            continue
        try:
            if context is not None:
                context.run(int)
        except RuntimeError:
            entered.append(context)
    return entered
