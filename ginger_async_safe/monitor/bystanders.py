"""The threads that run no loop, and which of them held the interpreter lock while all others waited for it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._runtime.frames import walk
from ginger_async_safe.monitor.system import processor_time, wants_to_run
from ginger_async_safe.violation import made_by_inspection_tool

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import FrameType

__all__ = ["Bystanders", "Holder"]

MANY = 64  # threads: their clocks are read once a second only
RENOTED = 1.0  # seconds between two readings of so many clocks
MOST_TURNS = 10  # of a thread that got the lock repeatedly before the watch did: other threads requested it too
SURELY = 0.2  # seconds of processor time that no thread uses without releasing the lock
MOST_OF_IT = 0.6  # of what all threads computed: the others had no lock to compute with


class Holder(NamedTuple):
    """A thread whose C call held the interpreter lock.

    Attributes:
        name: Its name.
        frames: Where it is, the innermost frame first; none where it has continued since.
    """

    name: str
    frames: list[FrameType]


class Bystanders:
    """The clocks of the threads that run no loop, as the watch last read them."""

    def __init__(self) -> None:
        self._noted: dict[int, tuple[float, float]] = {}
        self._at = 0.0

    def note(self, at: float, loops: Collection[int]) -> None:
        """Read the clocks of all threads.

        Args:
            at: The time.
            loops: The threads that run loops.
        """
        if len(self._noted) > MANY and at - self._at < RENOTED:
            return
        noted = {}
        for each in threading.enumerate():
            if each.ident in loops or each.native_id is None:
                continue
            ran = processor_time(each.native_id)
            if ran is not None:
                noted[each.native_id] = (at, ran)
        self._noted, self._at = noted, at

    def holder(
        self, frames: dict[int, FrameType], at: float, held: float, ran: float, loops: Collection[int]
    ) -> Holder | None:
        """Return the thread that held the interpreter lock; ``None`` where it cannot be determined.

        A thread that runs Python code releases the lock as soon as it runs, if other threads request it. So the one
        that kept running is in a call that does not.

        Args:
            frames: The innermost frame of each thread.
            at: The time.
            held: For how long the watch waited for the lock, in seconds.
            ran: For how long all threads of the process ran since the last sample, in seconds.
            loops: The threads that run loops.
        """
        for each in threading.enumerate():
            frame = None if each.ident is None or each.ident in loops else frames.get(each.ident)
            if frame is None or each.native_id is None:
                continue
            then, before = self._noted.get(each.native_id, (self._at, 0.0))
            total = processor_time(each.native_id)
            if total is None:
                continue
            alone = total - before - max(at - then - held, 0.0)
            enough = max(MOST_TURNS * sys.getswitchinterval(), min(held / 10, SURELY))
            if alone < enough or total - before < ran * MOST_OF_IT:
                continue
            where = list(walk(frame, [])) if wants_to_run(each.native_id) else []
            return None if made_by_inspection_tool(where) else Holder(each.name, where)
        return None
