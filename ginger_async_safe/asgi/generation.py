"""The state of a pool: which threads work, are idle, or wait for a client, and which jobs are queued."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from ginger_async_safe.asgi.pooled_thread import PooledThread, take_one

if TYPE_CHECKING:
    from ginger_async_safe.asgi.pooled_thread import Job

__all__ = ["PATIENCE", "Generation"]

_Thread = TypeVar("_Thread", bound=PooledThread)

PATIENCE = 2.0
"""Seconds without progress after which a slow client counts as stalled."""


class Generation(Generic[_Thread]):
    """The threads of a pool until it is closed, and the jobs that wait for them.

    A thread that works has a *place*. An idle thread has none; neither has a thread that waits for its client, or one
    that has finished waiting and finds no free place to continue in. Threads take jobs, and become idle, without the
    pool's lock; all other changes of this state are made with that lock held.

    Args:
        places: The maximum number of threads that work at once.
        max_waiting: How many threads may wait without a place. Further ones keep their place while they wait.
    """

    def __init__(self, places: int, max_waiting: int) -> None:
        self.places: int = places
        self._max_waiting = max_waiting
        self.queue: deque[tuple[Job, float]] = deque()
        self.idle: deque[_Thread] = deque()
        self._waiting: dict[_Thread, None] = {}  # threads that wait for their client, without a place
        self._keeping: dict[_Thread, None] = {}  # threads that wait for their client, with a place
        self._returning: deque[_Thread] = deque()  # threads that have finished waiting, and need a place
        self.members: set[_Thread] = set()
        self.must_settle: bool = False
        """Whether a thread that has finished a job must call :meth:`settle` before it takes the next one."""
        self.is_coming: bool = False
        """Whether a thread was woken or started, and has not checked the queue yet."""
        self.is_short: bool = False
        """Whether the operating system refused to start the last thread."""
        self.is_dismissed: bool = False

    @property
    def working(self) -> int:
        """How many threads have a place. Approximate unless the lock is held."""
        return len(self.members) - len(self.idle) - len(self._waiting) - len(self._returning)

    @property
    def waiting(self) -> int:
        """How many threads wait for their client, or for a place to continue in after that."""
        return len(self._waiting) + len(self._keeping) + len(self._returning)

    @property
    def has_waiting(self) -> bool:
        """Whether any thread waits for its client, or for a place to continue in after that."""
        return bool(self._waiting or self._keeping or self._returning)

    @property
    def has_room_to_wait(self) -> bool:
        """Whether one more thread may wait without a place."""
        return len(self._waiting) + len(self._returning) < self._max_waiting

    @property
    def has_room_for_more(self) -> bool:
        """Whether fewer than half of ``max_waiting`` threads wait."""
        return 2 * (len(self._waiting) + len(self._returning)) < self._max_waiting

    def waiting_since(self, now: float) -> float:
        """Return since when the next job has been queued, or ``now`` where the queue is empty."""
        try:
            return self.queue[0][1]
        except IndexError:  # threads take jobs without the lock
            return now

    def forget(self, worker: _Thread) -> None:
        """Remove a thread that ends, whatever its state was."""
        self.members.discard(worker)
        self._waiting.pop(worker, None)
        self._keeping.pop(worker, None)
        if worker in self._returning:
            self._returning.remove(worker)

    def leave(self, worker: _Thread) -> None:
        """Take the place of a thread that waits for its client, unless ``max_waiting`` threads wait without one."""
        (self._waiting if self.has_room_to_wait else self._keeping)[worker] = None

    def come_back(self, worker: _Thread) -> bool:
        """Give a place to a thread that has finished waiting; return whether it must wait for one until it is woken."""
        if worker not in self._waiting:  # it kept its place, or was given one when its client was disconnected
            self._keeping.pop(worker, None)
            return False
        del self._waiting[worker]
        if not self._returning and self.working < self.places:
            return False
        self._returning.append(worker)
        self.must_settle = True  # set before the check for a place: a thread that becomes idle after the check sees it
        self.settle()
        return True

    def settle(self) -> None:
        """Give free places to threads that have finished waiting; these precede jobs that have not begun."""
        while self._keeping and self.has_room_to_wait:
            self._take_kept_place()
        while self._returning and (self.working < self.places or self._keeping):
            if self.working >= self.places:
                self._take_kept_place()
            self._returning.popleft().wake()
        self.must_settle = bool(self._returning) or self.working > self.places

    def admit_all(self) -> None:
        """Give a place to every thread that has finished waiting, whatever the limit."""
        self.places = max(self.places, self.working + len(self._returning))
        self.settle()

    def disconnect_stalled(self, waited_longer_than: float, now: float) -> bool:
        """Disconnect the client that has made no progress for longest, where any waiting thread keeps its place.

        Return whether there was one. A client that made progress while its thread waited counts as slow, and is
        disconnected only after :data:`PATIENCE`.

        Args:
            waited_longer_than: How many seconds the client must have made no progress.
            now: The value of ``time.monotonic()``.
        """
        if not self._keeping:
            return False
        stalled = min(
            (*self._waiting, *self._keeping),
            key=lambda worker: worker.waits_since + (PATIENCE if worker.has_seen_progress else waited_longer_than),
        )
        if now - stalled.waits_since < (PATIENCE if stalled.has_seen_progress else waited_longer_than):
            return False
        if stalled in self._waiting:
            del self._waiting[stalled]  # it gets a place to finish its job in: the one taken from another thread here
            self._take_kept_place()
        else:
            del self._keeping[stalled]
        stalled.disconnect()
        return True

    def _take_kept_place(self) -> None:
        worker, _ = self._keeping.popitem()
        self._waiting[worker] = None

    def wake_one(self) -> bool:
        """Wake the thread that became idle last; return whether there was one."""
        worker = take_one(self.idle)
        if worker is None:
            return False
        self.is_coming = True
        worker.wake()
        return True

    def dismiss(self) -> None:
        """Make the threads end when the queue is empty; no more jobs are added to it."""
        self.is_dismissed = True  # set before they are woken: a thread that becomes idle from now on sees it
        self.must_settle = True  # the threads woken here may outnumber the places
        while self.wake_one():
            pass
