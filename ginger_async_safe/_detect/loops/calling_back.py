"""Functions in which loops and their adapters call a callback: the code that scheduled it has no frame there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["calls_back"]

_CALL_BACK = {
    ("asyncio.events", "_run"),
    ("asyncio.runners", "run"),  # a loop in C has no frame of its own: its caller seems to be this,
    ("uvloop", "run"),  # or this before Python 3.11
    ("trio._core._entry_queue", "run_cb"),
    # Calls that a thread schedules on the loop.
    ("trio._threads", "run_sync"),
    ("trio._threads", "unprotected_fn"),
    ("anyio._backends._asyncio", "wrapper"),
}


def calls_back(frame: FrameType) -> bool:
    """Return whether a frame is where a loop calls a callback."""
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _CALL_BACK
