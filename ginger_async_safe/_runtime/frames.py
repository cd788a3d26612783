"""Walk the Python stack outwards, also across greenlets, from each to its parent."""

from __future__ import annotations

import opcode
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.greenlets import ancestors, current_greenlet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

__all__ = ["instruction_of", "is_async", "walk"]

_ASYNC = CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE


def walk(frame: FrameType | None, waiting: Iterable[Any] | None = None) -> Iterator[FrameType]:
    """Yield ``frame``, its callers, and the frames of the greenlets that wait for this one.

    Args:
        frame: A frame on the current greenlet's stack, or on another thread's.
        waiting: The greenlets that wait for that stack, the nearest first; by default the current greenlet's ancestors.
    """
    while frame is not None:
        yield frame
        frame = frame.f_back
    for greenlet in ancestors(current_greenlet()) if waiting is None else waiting:
        frame = greenlet.gr_frame
        while frame is not None:
            yield frame
            frame = frame.f_back


def is_async(frame: FrameType) -> bool:
    """Return whether a frame belongs to a coroutine function or an async generator function."""
    return bool(frame.f_code.co_flags & _ASYNC)


def instruction_of(frame: FrameType) -> str:
    """Return the name of the instruction that a frame is at."""
    code, at = frame.f_code.co_code, frame.f_lasti
    while opcode.opname[code[at]] == "CACHE":  # part of the instruction before it
        at -= 2
    return opcode.opname[code[at]]
