"""Walking the Python stack outwards, also from one greenlet into the one that waits for it."""

from __future__ import annotations

import gc
import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

__all__ = ["current_greenlet", "greenlets", "is_async", "waiting_with", "walk"]

_ASYNC = CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE


def current_greenlet() -> Any | None:  # noqa: ANN401 - greenlet is never imported, so its type has no name here
    """Return the greenlet that runs this code, or ``None`` where the program has no greenlets.

    greenlet is never imported here: a program that has not imported it has only one stack a thread.
    """
    module = sys.modules.get("greenlet")
    getcurrent = getattr(module, "getcurrent", None)  # None while greenlet is half imported
    return None if getcurrent is None else getcurrent()


def greenlets() -> Iterator[Any]:
    """Yield the greenlet that runs this code, and those that wait for it."""
    greenlet = current_greenlet()
    while greenlet is not None:
        yield greenlet
        greenlet = greenlet.parent


def walk(frame: FrameType | None, waiting: Iterable[Any] | None = None) -> Iterator[FrameType]:
    """Yield ``frame``, its callers, and the frames of the greenlets that wait for this one.

    Args:
        frame: A frame of the current greenlet's stack, or of another thread's.
        waiting: The greenlets that wait for that one, the nearest first; unless given, those of the current one.
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
    """Return the greenlets that wait for the code that runs in a thread, down to a given one of that thread.

    That code may be another thread's, which is asked about here. Where the given greenlet waits for nobody, because
    another one beside it or above it runs, ``None`` is returned. Finding out may take the garbage collector
    milliseconds, unless the given greenlet itself runs.
    """
    if _runs(greenlet):
        return []
    above = _ancestors(greenlet)
    if any(_runs(each) for each in above):
        return None
    kind = sys.modules["greenlet"].greenlet
    # Not isinstance: it asks an object for its __class__, and a lazy one would come to life.
    for each in gc.get_objects():
        if issubclass(type(each), kind) and _runs(each) and greenlet in (waiting := _ancestors(each)):
            return waiting
    return None


def _ancestors(greenlet: Any) -> list[Any]:  # noqa: ANN401 - as above
    found = []
    while (greenlet := greenlet.parent) is not None:
        found.append(greenlet)
    return found


def _runs(greenlet: Any) -> bool:  # noqa: ANN401 - as above
    """Tell whether a greenlet is the one that runs in its thread; greenlet shows no frame of it then."""
    return bool(greenlet) and greenlet.gr_frame is None


def is_async(frame: FrameType) -> bool:
    """Tell whether a frame is of a coroutine function or of an async generator function."""
    return bool(frame.f_code.co_flags & _ASYNC)
