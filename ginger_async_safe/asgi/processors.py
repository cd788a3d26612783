"""Measure whether the CPU has capacity for one more running thread of this process."""

from __future__ import annotations

import time

__all__ = ["Stopwatch"]

_BUSY = 0.75
"""The fraction of one processor's time from which the process counts as busy: the GIL allows one thread at a time."""


class Stopwatch:
    """Measures elapsed wall-clock time and the CPU time that this process used in it."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._processor = time.process_time()

    @property
    def seconds(self) -> float:
        """Seconds since this was created, or since the last call of :meth:`was_busy`."""
        return time.monotonic() - self._wall

    def was_busy(self) -> bool:
        """Return whether the process has been busy since the last call or the start, and restart the measurement."""
        wall, processor = self._wall, self._processor
        self._wall, self._processor = time.monotonic(), time.process_time()
        return self._processor - processor > _BUSY * (self._wall - wall)
