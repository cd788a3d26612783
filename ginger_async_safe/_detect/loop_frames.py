"""Frames of event loop libraries and their adapters, whichever library it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._detect.loops import libraries

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["LOOP_PACKAGES", "calls_back", "is_machinery"]

LOOP_PACKAGES = frozenset[str]().union(*(library.packages for library in libraries))
"""The top-level packages of all event loop libraries and of their adapters: their own calls are no violations."""

_CALL_BACK = frozenset[tuple[str, str]]().union(*(library.calls_back_in for library in libraries))


def calls_back(frame: FrameType) -> bool:
    """Return whether a frame is where a loop, or an adapter of one, calls a callback."""
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _CALL_BACK


def is_machinery(frame: FrameType) -> bool:
    """Return whether a frame is of an event loop or an adapter of one."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] in LOOP_PACKAGES
