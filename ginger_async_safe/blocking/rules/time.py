"""The rule for ``time.sleep``."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import sleeps

__all__ = ["TIME"]

TIME = (
    BlockingCall(
        "time.sleep",
        fix="await asyncio.sleep(...)",
        category="time",
        reason="it blocks the thread, and with it every task on this loop",
        event="time.sleep",
        blocks=sleeps,
    ),
)
