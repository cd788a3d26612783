"""A bounded pool of threads, each of which serves one request at a time from beginning to end.

``concurrent.futures`` does not show what its threads do, keeps idle threads, wakes one thread too many for each job,
and does not work after ``fork``.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ginger_async_safe.asgi.generation import PATIENCE, Generation
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT, end_threads
from ginger_async_safe.asgi.workers import Worker
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.asgi.pooled_thread import Job

__all__ = [
    "DEFAULT_THREADS",
    "LONG_WAIT",
    "MAX_WAITING",
    "MOST_THREADS",
    "Stats",
    "ThreadPool",
    "checked_max_waiting",
    "checked_number",
    "checked_threads",
]

_Number = TypeVar("_Number", int, float)

DEFAULT_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""The default number of threads, as in ``concurrent.futures``, for work that waits more than it computes."""

MOST_THREADS = 40
"""The maximum number of threads where jobs wait although the CPU has capacity left: anyio's default."""

MAX_WAITING = 50
"""How many threads may wait for their clients by default. Together with :data:`MOST_THREADS` working threads, they open
no more database connections than PostgreSQL allows ordinary roles by default, which is 97."""

LONG_WAIT = 0.05
"""Seconds that a job waits for a thread before the pool adds a thread or disconnects a stalled client."""

_EXTRA_SECONDS = 10.0
"""Seconds for which a pool may have extra threads after a job has waited for :data:`LONG_WAIT`."""


def checked_threads(threads: object) -> int:
    """Return the number of threads for a pool, or raise ConfigurationError."""
    if threads is None:
        return DEFAULT_THREADS
    if isinstance(threads, int) and not isinstance(threads, bool) and threads >= 1:
        return threads
    msg = f"threads={threads!r}: give the number of requests that may run at once, 1 or more"
    raise ConfigurationError(msg)


def checked_max_waiting(max_waiting: object) -> int:
    """Return the number of threads that may wait for their clients, or raise ConfigurationError."""
    if isinstance(max_waiting, int) and not isinstance(max_waiting, bool) and max_waiting >= 0:
        return max_waiting
    msg = f"max_waiting={max_waiting!r}: give the number of threads that may wait for their clients at once, 0 or more"
    raise ConfigurationError(msg)


def checked_number(name: str, value: _Number | None, meaning: str) -> _Number | None:
    """Return a limit, or raise a ConfigurationError that names it."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0):
        return value
    msg = f"{name}={value!r}: give {meaning}, 0 or more, or None for no limit"
    raise ConfigurationError(msg)


@dataclass(frozen=True)
class Stats:
    """The current state of a pool, and its totals so far.

    Attributes:
        busy: Threads that work on a request.
        idle: Threads that wait for a request.
        waiting: Threads that wait for their request's client, or that have finished waiting and continue as soon as a
            busy thread is done.
        queued: Requests that wait for a thread.
        served: Requests that a thread has finished.
        refused: Requests that waited for a thread for longer than ``queue_timeout``.
        stalled: Clients that were disconnected because they made no progress.
        longest_wait: The longest time that a request has waited for a thread, in seconds.
        hop: How requests are run in threads: ``"asgiref"`` or ``"fast"``.
    """

    busy: int
    idle: int
    waiting: int
    queued: int
    served: int
    refused: int
    stalled: int
    longest_wait: float
    hop: str


class ThreadPool:
    """A pool of at most ``threads`` working threads; jobs begin in the order in which they were submitted.

    Threads start on demand, and end after some time without a job. The next job goes to the thread that became idle
    last: its data is likely to be in the CPU caches, and the others can end. After ``fork``, the child's pool is empty.

    Args:
        threads: The maximum number of threads that work at once.
        shutdown_timeout: Seconds that a shutdown waits for the threads to end, or ``None`` for no limit.
        most: The maximum number of working threads where jobs wait although the CPU has capacity left. By default
            ``threads``.
        max_waiting: How many threads may wait for a client without counting as working.
    """

    def __init__(
        self,
        threads: int,
        shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
        *,
        most: int | None = None,
        max_waiting: int = 0,
    ) -> None:
        self._threads = threads
        self._most = threads if most is None else most
        self._max_waiting = max_waiting
        self.shutdown_timeout: float | None = shutdown_timeout
        self.on_overfull: Callable[[], None] | None = None
        """Called when a job has to wait, so that another job can give its thread back."""
        self._begin_anew()
        _pools.add(self)

    def _begin_anew(self) -> None:
        # Held to submit jobs and to start or end threads; not needed to begin or end a job.
        self.lock: threading.Lock = threading.Lock()
        self._generation = Generation[Worker](self._threads, self._max_waiting)
        self._generations = [self._generation]  # including earlier ones that still have jobs
        self._number = 0
        self._extra_until = 0.0
        self._patience = PATIENCE  # seconds without progress before a client is disconnected in favour of others
        self._submitted = 0
        self._dropped = 0
        self._served = 0  # by threads that have ended
        self._stalled = 0  # of threads that have ended, and of requests that had no thread
        self._longest_wait = 0.0  # of threads that have ended
        self.refused: int = 0
        self.is_ending: bool = False

    def submit(self, job: Job) -> None:
        """Queue a job; it runs as soon as a thread is free and all earlier jobs have begun.

        Raises:
            RuntimeError: Where the pool has no thread, and the operating system cannot start one.
        """
        with self.lock:
            generation = self._generation
            now = time.monotonic()
            if generation.places > self._threads and now > self._extra_until:
                generation.places = self._threads
                generation.settle()
            generation.queue.append((job, now))
            self._submitted += 1
            try:
                self._call_one(generation)
            except RuntimeError:
                if not generation.members:
                    generation.queue.pop()
                    self._submitted -= 1
                    raise
        if self.on_overfull is not None and self.is_overfull:
            self.on_overfull()

    @property
    def is_idle(self) -> bool:
        """Whether no thread has a job."""
        return len(self._generation.members) == len(self._generation.idle)

    @property
    def may_start_early(self) -> bool:
        """Whether a thread may take a job that is likely to wait for its client.

        This holds while few threads wait, and otherwise where no other job needs one: else other jobs would have to
        wait, or a client that sends slowly but steadily would be disconnected.
        """
        generation = self._generation
        return generation.has_room_for_more or not (
            generation.has_waiting or generation.queue or generation.working >= generation.places
        )

    @property
    def can_make_room(self) -> bool:
        """Whether :meth:`make_room` may have an effect: more threads are allowed, or some wait for their clients."""
        return self._threads < self._most or self._generation.has_waiting

    @property
    def is_overfull(self) -> bool:
        """Whether the last job may have to wait for long: more jobs are queued than threads are or become available."""
        generation = self._generation
        if generation.has_waiting:  # these threads precede jobs that have not begun
            return True
        jobs = len(generation.queue) - self._dropped
        if jobs <= 0:
            return False
        if jobs <= self._callable(generation):
            return False
        with self.lock:
            return jobs > self._callable(generation) + self._free(generation) - len(generation.idle)

    @staticmethod
    def _callable(generation: Generation[Worker]) -> int:
        """Return how many threads can be woken or started."""
        places = generation.places - generation.working
        return min(places, len(generation.idle)) if generation.is_short else places

    def _free(self, generation: Generation[Worker]) -> int:
        """Return how many threads wait for a job, or are about to check the queue. Called with the lock held."""
        return sum(worker.job is None for worker in generation.members)

    def call_another(self, generation: Generation[Worker]) -> None:
        """Wake or start one more thread to check the queue. Called by a thread that leaves jobs in it."""
        with self.lock, contextlib.suppress(RuntimeError):  # the running threads do the queued jobs later
            self._call_one(generation)

    def _call_one(self, generation: Generation[Worker]) -> None:
        """Wake or start a thread where a place is free and no thread is starting already; it wakes the next if needed.

        Several threads that wait for the GIL at once would only slow down the thread that holds it.
        """
        if (
            generation.is_coming
            or generation.must_settle
            or generation.working >= generation.places
            or generation.wake_one()
            or self._free(generation)
        ):
            return
        worker = Worker(self, generation, f"leased thread {self._number + 1}")
        generation.is_coming = True
        generation.members.add(worker)
        try:
            worker.start()
        except RuntimeError:  # the operating system cannot start another thread
            generation.members.discard(worker)
            generation.is_coming = False
            generation.is_short = True
            raise
        generation.is_short = False
        self._number += 1

    def settle(self, generation: Generation[Worker]) -> None:
        """Give free places to threads that wait for one, and have one more thread check the queue."""
        with self.lock:
            self._settle(generation)

    def _settle(self, generation: Generation[Worker]) -> None:
        generation.settle()
        if generation.queue:
            with contextlib.suppress(RuntimeError):  # the running threads do the queued jobs later
                self._call_one(generation)

    def leave(self, worker: Worker) -> None:
        """Record that a thread begins to wait for its client."""
        with self.lock:
            generation = worker.generation
            if generation in self._generations:  # not where the process was forked in the middle of a job
                generation.leave(worker)
                self._settle(generation)
                now = time.monotonic()
                if now - generation.waiting_since(now) > LONG_WAIT:
                    generation.disconnect_stalled(self._patience, now)

    def come_back(self, worker: Worker) -> bool:
        """Record that a thread has finished waiting for its client; return whether it has to wait for a place."""
        with self.lock:
            has_to_wait = worker.generation.come_back(worker)
            if self.is_ending:
                worker.generation.admit_all()
            return has_to_wait

    def make_room(self, *, is_busy: bool) -> bool:
        """Add a thread or disconnect a stalled client for a job that has waited for :data:`LONG_WAIT`.

        Return whether either was done.

        Args:
            is_busy: Whether the CPU has no capacity for one more thread. A client may then seem to make no progress
                only because the process is too busy to serve it.
        """
        with self.lock:
            self._patience = PATIENCE if is_busy else LONG_WAIT
            generation = self._generation
            now = time.monotonic()
            if generation.working < generation.places:  # a thread is about to take the job
                return False
            if not is_busy and self._threads < self._most:
                self._extra_until = now + _EXTRA_SECONDS
                if generation.places < self._most:
                    generation.places += 1
                    self._settle(generation)
                    return True
            return generation.disconnect_stalled(self._patience, now)

    def release(self, worker: Worker) -> None:
        """Mark a thread as idle that waits inside a job, where the job has ended and needs no further step of it."""
        with self.lock:
            worker.count()
            if worker.generation is self._generation:
                self._generation.idle.append(worker)
                self._settle(self._generation)
            else:
                worker.wake()

    def put_off(self, worker: Worker) -> None:
        """Record that an unfinished job gives up its thread: it is submitted again, or finishes without a thread."""
        with self.lock:
            self._submitted -= 1
            worker.job = None

    def count_one(self) -> None:
        """Count a job that finished after :meth:`put_off`, without a thread."""
        with self.lock:
            self._submitted += 1
            self._served += 1

    def count_stalled(self) -> None:
        """Count a client that was disconnected before its request had a thread."""
        with self.lock:
            self._stalled += 1

    def drop(self) -> None:
        """Record that a job was cancelled before it began: it no longer counts, although it is still in the queue."""
        with self.lock:
            self._dropped += 1

    def forget_dropped(self) -> None:
        """Record that a thread has removed a cancelled job from the queue."""
        with self.lock:
            self._dropped -= 1
            self._submitted -= 1

    def _members(self) -> list[Worker]:
        return [worker for generation in self._generations for worker in generation.members]

    def stats(self, hop: str = "asgiref") -> Stats:
        """Return the pool's current state, and its totals so far.

        Args:
            hop: How its jobs are run in threads, as in :attr:`Stats.hop`.
        """
        with self.lock:
            members = self._members()
            begun = sum(worker.job is not None for worker in members)
            served = self._served + sum(worker.served for worker in members)
            waiting = sum(generation.waiting for generation in self._generations)
            return Stats(
                busy=begun - waiting,
                idle=self._free(self._generation),
                waiting=waiting,
                queued=max(0, self._submitted - self._dropped - served - begun),  # may be read in mid-change
                served=served,
                refused=self.refused,
                stalled=self._stalled + sum(worker.stalled for worker in members),
                longest_wait=max([self._longest_wait, *(worker.longest_wait for worker in members)]),
                hop=hop,
            )

    def retire(self, worker: Worker) -> None:
        """Remove a thread that ends, and keep its totals. Called with the lock held."""
        generation = worker.generation
        generation.forget(worker)
        self._served += worker.served
        self._stalled += worker.stalled
        self._longest_wait = max(self._longest_wait, worker.longest_wait)
        self._settle(generation)

    def close(self) -> list[Worker]:
        """Make every thread end when all jobs are done, and return the threads; later jobs start new threads."""
        with self.lock:
            self._generation.dismiss()
            self._generation = Generation[Worker](self._threads, self._max_waiting)
            self._generations = [
                *(generation for generation in self._generations if generation.members),
                self._generation,
            ]
            return self._members()

    def join(self) -> None:
        """Wait until all jobs and threads have ended, up to ``shutdown_timeout``; log the jobs that remain."""
        end_threads(self.close())

    def call_off(self) -> None:
        """Cancel all jobs, so that they end soon."""
        with self.lock:
            self.is_ending = True  # set before the jobs are listed: a thread that takes a job from now on sees it
            jobs = [worker.job for worker in self._members()]
            for generation in self._generations:
                generation.admit_all()
        for job in jobs:
            if job is not None:
                job.call_off()


_pools: weakref.WeakSet[ThreadPool] = weakref.WeakSet()


def _leave_threads_behind() -> None:
    """Discard the parent's threads and jobs in a forked child."""
    for pool in list(_pools):
        pool._begin_anew()


def _end_all() -> None:
    """End all running jobs before the interpreter exits; no loop can send more of their responses."""
    pools = list(_pools)
    for pool in pools:
        pool.call_off()
    end_threads([worker for pool in pools for worker in pool.close()])


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_threads_behind)
