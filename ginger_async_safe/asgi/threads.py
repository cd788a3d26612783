"""A bounded pool of threads, each of which has one request at a time from beginning to end.

``concurrent.futures`` does not tell what its threads do, keeps idle ones, wakes one thread too many for each job, and is
of no use after ``fork``.
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

from ginger_async_safe.asgi.workers import Crew, Worker
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from ginger_async_safe.asgi.workers import Job

__all__ = ["DEFAULT_THREADS", "Stats", "ThreadPool", "checked_number", "checked_threads"]

_Number = TypeVar("_Number", int, float)

DEFAULT_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""As many as ``concurrent.futures`` takes for work that waits more than it computes."""


def checked_threads(threads: object) -> int:
    """Return how many threads a pool gets, or raise ConfigurationError."""
    if threads is None:
        return DEFAULT_THREADS
    if isinstance(threads, int) and not isinstance(threads, bool) and threads >= 1:
        return threads
    msg = f"threads={threads!r}: give the number of requests that may run at once, 1 or more"
    raise ConfigurationError(msg)


def checked_number(name: str, value: _Number | None, meaning: str) -> _Number | None:
    """Return a limit, or raise ConfigurationError naming it."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0):
        return value
    msg = f"{name}={value!r}: give {meaning}, 0 or more, or None for no limit"
    raise ConfigurationError(msg)


@dataclass(frozen=True)
class Stats:
    """What a pool does now, and has done.

    Attributes:
        busy: Threads that have a request.
        idle: Threads that wait for one.
        queued: Requests that wait for a thread.
        served: Requests that a thread has finished.
        refused: Requests that waited too long.
        longest_wait: The longest that a request has waited for a thread, in seconds.
    """

    busy: int
    idle: int
    queued: int
    served: int
    refused: int
    longest_wait: float


class ThreadPool:
    """At most ``threads`` threads; jobs begin in the order in which they came.

    Threads start when they are needed and end when they are idle. The next job is for the one that has been idle for
    the shortest time: its memory is warm, and the others may end. A forked child begins with none.

    Args:
        threads: The most threads that run at once.
    """

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._begin_anew()
        _pools.add(self)

    def _begin_anew(self) -> None:
        # Held by whoever submits, starts and ends; never for a job's beginning and end.
        self.lock: threading.Lock = threading.Lock()
        self._crew = Crew()
        self._workers: set[Worker] = set()  # of earlier crews too, while they have jobs to do
        self._number = 0
        self._submitted = 0
        self._dropped = 0
        self._served = 0  # by threads that have ended
        self._longest_wait = 0.0  # the same
        self.refused: int = 0
        self.is_ending: bool = False

    def submit(self, job: Job) -> None:
        """Have a thread do a job, as soon as one is free and all earlier jobs have begun.

        Raises:
            RuntimeError: Where the pool has no thread, and the system none left.
        """
        with self.lock:
            crew = self._crew
            crew.queue.append((job, time.monotonic()))
            self._submitted += 1
            try:
                self._call_one(crew)
            except RuntimeError:
                if not crew.size:
                    crew.queue.pop()
                    self._submitted -= 1
                    raise

    @property
    def is_idle(self) -> bool:
        """Whether no thread has a job."""
        return self._crew.size == len(self._crew.idle)

    @property
    def is_overfull(self) -> bool:
        """Whether more jobs wait than threads are free."""
        crew = self._crew
        jobs = len(crew.queue) - self._dropped - (0 if crew.is_short else self._most - crew.size)
        if jobs <= len(crew.idle):
            return False
        with self.lock:
            return jobs > self._free(crew)

    def _free(self, crew: Crew) -> int:
        """Return how many threads wait for a job, or are about to look for one. Called with the lock held."""
        return sum(worker.job is None and worker.crew is crew for worker in self._workers)

    def call_another(self, crew: Crew) -> None:
        """Have one more thread look into the queue. Called by a thread that leaves jobs in it."""
        with self.lock, contextlib.suppress(RuntimeError):  # those that run do the jobs that wait, later
            self._call_one(crew)

    def _call_one(self, crew: Crew) -> None:
        """Wake or start a thread where one is free and none is on its way: that one calls the next, if need be.

        Threads that wait for the interpreter's lock all at once would only slow down the one that has it.
        """
        if crew.is_coming or crew.wake_one() or crew.size >= self._most or self._free(crew):
            return
        worker = Worker(self, crew, f"leased thread {self._number + 1}")
        crew.is_coming = True
        try:
            worker.start()
        except RuntimeError:  # the system has no thread left
            crew.is_coming = False
            crew.is_short = True
            raise
        crew.is_short = False
        self._number += 1
        crew.size += 1
        self._workers.add(worker)

    def release(self, worker: Worker) -> None:
        """Take back a thread that waits in a job whose end it need not see at once."""
        with self.lock:
            worker.count()
            if worker.crew is not self._crew or self._crew.queue:
                worker.wake()
            else:
                self._crew.idle.append(worker)

    def drop(self) -> None:
        """Take note that a job was called off before it began: it counts no more, though it keeps its place."""
        with self.lock:
            self._dropped += 1

    def forget_dropped(self) -> None:
        """Take note that a thread has come to the place of a job that was called off."""
        with self.lock:
            self._dropped -= 1
            self._submitted -= 1

    def stats(self) -> Stats:
        """Return what the pool does now, and has done."""
        with self.lock:
            busy = sum(worker.job is not None for worker in self._workers)
            served = self._served + sum(worker.served for worker in self._workers)
            return Stats(
                busy=busy,
                idle=self._free(self._crew),
                queued=max(0, self._submitted - self._dropped - served - busy),  # a thread may be between two of these
                served=served,
                refused=self.refused,
                longest_wait=max([self._longest_wait, *(worker.longest_wait for worker in self._workers)]),
            )

    def retire(self, worker: Worker) -> None:
        """Take note that a thread ends. Called with the lock held."""
        self._workers.discard(worker)
        self._served += worker.served
        self._longest_wait = max(self._longest_wait, worker.longest_wait)

    def close(self) -> list[Worker]:
        """Have every thread end when all jobs are done, and return the threads; later jobs start new ones."""
        with self.lock:
            self._crew.dismiss()
            self._crew = Crew()
            return list(self._workers)

    def join(self) -> None:
        """Wait until all jobs are done and their threads have ended."""
        for worker in self.close():
            worker.join()

    def end(self) -> None:
        """Have the jobs end soon, and wait for that."""
        with self.lock:
            self.is_ending = True  # said before the look: a thread that takes a job from now on sees it
            jobs = [worker.job for worker in self._workers]
        for job in jobs:
            if job is not None:
                job.call_off()
        self.join()


_pools: weakref.WeakSet[ThreadPool] = weakref.WeakSet()


def _leave_threads_behind() -> None:
    """Forget, in a forked child, the threads and jobs of its parent."""
    for pool in list(_pools):
        pool._begin_anew()


def _end_all() -> None:
    """Let what the applications do be finished before the interpreter ends; there is no loop to send more."""
    for pool in list(_pools):
        pool.end()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_threads_behind)
