"""Events: a reported call, with the guarded calls that are made inside it, which are not reported again."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType

__all__ = ["begin", "end", "is_inside"]

_MARKER = "ginger_async_safe: reported"
"""The name of the local variable that marks a frame; no source can have a variable of this name."""


class _Marker:
    """Lives as long as the frame that it marks."""

    __slots__ = ("__weakref__",)


class _Event(threading.local):
    """The last event of this thread."""

    frame = 0
    """The id of the frame in which it runs."""
    code: CodeType | None = None
    marker: weakref.ref[_Marker] | None = None


_event = _Event()


def begin(frame: FrameType | None, *, is_checked: bool) -> None:
    """Record that a call was reported, and is about to run.

    Nothing happens when the call returns: no code of this library may run then. So a later call in a frame at the same
    address has to be told apart from this one. Where each call of the frame's function is checked, it begins an event of
    its own, or ends this one with :func:`end`. In another frame a marker is put, which is gone when the frame is.

    Args:
        frame: The frame in which it runs.
        is_checked: Whether each call of the frame's function is a guarded call.
    """
    if frame is None:
        return
    _event.frame, _event.code, _event.marker = id(frame), frame.f_code, None
    if not is_checked:
        marker = frame.f_locals[_MARKER] = _Marker()
        _event.marker = weakref.ref(marker)


def end(frame: FrameType | None) -> None:
    """Record that a guarded call begins in a frame: an earlier event in a frame at the same address has ended."""
    if _event.frame == id(frame) and _event.marker is None:
        _event.frame = 0


def is_inside(frames: Iterable[FrameType]) -> bool:
    """Return whether the last event of this thread still runs in one of some frames."""
    if not _event.frame or (_event.marker is not None and _event.marker() is None):
        return False
    return any(id(each) == _event.frame and each.f_code is _event.code for each in frames)
