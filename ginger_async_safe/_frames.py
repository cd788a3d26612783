"""Walking the Python stack outwards, also from one greenlet into the one that waits for it."""

from __future__ import annotations

import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["current_greenlet", "greenlets", "is_async", "walk"]

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


def walk(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield ``frame``, its callers, and the frames of the greenlets that wait for this one.

    Args:
        frame: A frame of the current greenlet's stack.
    """
    while frame is not None:
        yield frame
        frame = frame.f_back
    for greenlet in islice(greenlets(), 1, None):
        frame = greenlet.gr_frame
        while frame is not None:
            yield frame
            frame = frame.f_back


def is_async(frame: FrameType) -> bool:
    """Tell whether a frame is of a coroutine function or of an async generator function."""
    return bool(frame.f_code.co_flags & _ASYNC)
