"""Walk the Python stack outwards, also across greenlets, from each to its parent."""

from __future__ import annotations

import opcode
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from itertools import islice
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.heap import instances
from ginger_async_safe._runtime.modules import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

__all__ = ["current_greenlet", "greenlet_type", "greenlets", "instruction_of", "is_async", "waiting_with", "walk"]

_ASYNC = CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE


def current_greenlet() -> Any | None:  # noqa: ANN401 - greenlet is never imported, so its type has no name here
    """Return the greenlet that runs this code, or ``None`` where the program has not imported greenlet.

    greenlet is never imported here: without it, a thread has only one stack.
    """
    getcurrent = _of_greenlet("getcurrent")
    return None if getcurrent is None else getcurrent()


def greenlet_type() -> Any:  # noqa: ANN401 - as above
    """Return the class ``greenlet``, or ``None`` where the program has not imported it."""
    return _of_greenlet("greenlet")


def _of_greenlet(name: str) -> Any | None:  # noqa: ANN401 - as above
    """Return an attribute of greenlet's C module, or of the package; ``None`` where neither is imported yet."""
    found = attribute("greenlet._greenlet", name)
    return attribute("greenlet", name) if found is None else found


def greenlets() -> Iterator[Any]:
    """Yield the greenlet that runs this code, and its ancestors, which wait for it."""
    greenlet = current_greenlet()
    while greenlet is not None:
        yield greenlet
        greenlet = greenlet.parent


def walk(frame: FrameType | None, waiting: Iterable[Any] | None = None) -> Iterator[FrameType]:
    """Yield ``frame``, its callers, and the frames of the greenlets that wait for this one.

    Args:
        frame: A frame on the current greenlet's stack, or on another thread's.
        waiting: The greenlets that wait for that stack, the nearest first; by default the current greenlet's ancestors.
    """
    while frame is not None:
        yield frame
        frame = frame.f_back
    for greenlet in islice(greenlets(), 1, None) if waiting is None else waiting:
        frame = greenlet.gr_frame
        while frame is not None:
            yield frame
            frame = frame.f_back


def waiting_with(greenlet: Any) -> list[Any] | None:  # noqa: ANN401 - as current_greenlet returned it
    """Return the ancestors of the greenlet now running in the thread of a given greenlet, the nearest first.

    The thread may be another one. Returns an empty list where the given greenlet itself runs, and ``None`` where it
    does not wait for the running one: that is a sibling, or an ancestor. Unless the given greenlet itself runs, this
    may search the heap, which takes milliseconds.
    """
    if _runs(greenlet):
        return []
    above = _ancestors(greenlet)
    if any(_runs(each) for each in above):
        return None
    for each in instances(greenlet_type()):
        if _runs(each) and greenlet in (waiting := _ancestors(each)):
            return waiting
    return None


def _ancestors(greenlet: Any) -> list[Any]:  # noqa: ANN401 - as above
    found = []
    while (greenlet := greenlet.parent) is not None:
        found.append(greenlet)
    return found


def _runs(greenlet: Any) -> bool:  # noqa: ANN401 - as above
    """Return whether a greenlet is the one running in its thread; its ``gr_frame`` is ``None`` then."""
    return bool(greenlet) and greenlet.gr_frame is None


def is_async(frame: FrameType) -> bool:
    """Return whether a frame belongs to a coroutine function or an async generator function."""
    return bool(frame.f_code.co_flags & _ASYNC)


def instruction_of(frame: FrameType) -> str:
    """Return the name of the instruction that a frame is at."""
    code, at = frame.f_code.co_code, frame.f_lasti
    while opcode.opname[code[at]] == "CACHE":  # part of the instruction before it
        at -= 2
    return opcode.opname[code[at]]
