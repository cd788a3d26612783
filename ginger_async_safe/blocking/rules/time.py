"""Waiting for the clock."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import sleeps

__all__ = ["TIME"]

TIME = (
    BlockingCall(
        "time.sleep",
        mend="await asyncio.sleep(...)",
        category="time",
        reason="it waits for the clock, and every task with it",
        event="time.sleep",
        blocks=sleeps,
    ),
)
