"""A thread of a pool: the job that it does, and the client that it waits for."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

__all__ = ["Job", "PooledThread", "take_one"]

_T = TypeVar("_T")


def take_one(items: list[_T] | deque[_T]) -> _T | None:
    """Remove and return the last item, or return ``None`` where there is none; only one of several threads gets it."""
    try:
        return items.pop()
    except IndexError:
        return None


def _wait_on() -> None:
    """Do nothing: the thread waits for no client that could be disconnected."""


class Job(Protocol):
    """A unit of work for a thread of the pool."""

    @property
    def name(self) -> str:
        """The job's name in logs."""
        ...

    @property
    def is_given_up(self) -> bool:
        """Whether the result is no longer needed. Read in any thread."""
        ...

    def begin(self) -> bool:
        """Return whether the job is still to be done; if so, it can no longer be cancelled in the queue."""
        ...

    def run(self) -> None:
        """Do the job. Raises nothing."""
        ...

    def finish(self) -> None:
        """Report that the job is done. Called when the thread is free for another job; raises nothing."""
        ...

    def call_off(self) -> None:
        """Make the job end soon because the interpreter exits, needed or not. Called in any thread."""
        ...


class PooledThread(threading.Thread):
    """The state of one thread of a pool."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._bell = threading.Lock()
        self._bell.acquire()  # async-safe: allow[threading.Lock] - the lock is new, so this cannot wait
        self.job: Job | None = None
        self.is_left_behind: bool = False
        """Whether this thread did not end within the time that a shutdown waited for it."""
        self.served: int = 0
        self.stalled: int = 0
        """How many clients of its jobs were disconnected because they made no progress."""
        self.longest_wait: float = 0.0
        self.has_seen_progress: bool = False
        """Whether the client of the current job has made progress while the thread waited for it."""
        self.waits_since: float = 0.0
        """When the client that the thread waits for last made progress, on the clock of ``time.monotonic()``."""
        self.disconnect: Callable[[], object] = _wait_on
        """Disconnects the client that the thread waits for. Called with the pool's lock held, in any thread."""

    def wake(self) -> None:
        """End this thread's wait. Called by the code that has removed it from the idle or parked threads."""
        self._bell.release()

    def wait_for(self, seconds: float) -> bool:
        """Wait in the middle of a job for at most ``seconds``; return whether this thread was woken in that time."""
        return self._bell.acquire(timeout=seconds)

    def count(self) -> None:
        """Count the current job as done."""
        self.served += 1
        self.job = None

    def begin_job(self, since: float) -> None:
        """Record that a job begins which was queued at ``since``, on the clock of ``time.monotonic()``."""
        self.longest_wait = max(self.longest_wait, time.monotonic() - since)
        self.has_seen_progress = False

    def begin_wait(self, disconnect: Callable[[], object]) -> None:
        """Record that the thread waits for its client from now on, and what disconnects that client."""
        self.waits_since = time.monotonic()
        self.disconnect = disconnect

    def note_progress(self) -> None:
        """Record that the client took or sent something while the thread waited for it."""
        self.has_seen_progress = True

    def forget_client(self) -> None:
        """Release what :attr:`disconnect` refers to: the client that the thread waited for."""
        self.disconnect = _wait_on
