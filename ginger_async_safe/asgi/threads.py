"""A bounded pool of threads, each of which has one request at a time from beginning to end."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["DEFAULT_THREADS", "Job", "Stats", "ThreadPool", "checked_number", "checked_threads"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_Number = TypeVar("_Number", int, float)

DEFAULT_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""As many as ``concurrent.futures`` takes for work that waits more than it computes."""

IDLE_SECONDS = 10.0
"""How long a thread waits for work before it ends."""


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


class Job(Protocol):
    """What a thread of the pool does."""

    def begin(self) -> bool:
        """Tell whether the job is still to be done; once it has begun, nobody may call it off."""
        ...

    def run(self) -> None:
        """Do it. Raises nothing."""
        ...

    def finish(self) -> None:
        """Say that it is done. Called when the thread is free for another; raises nothing."""
        ...

    def call_off(self) -> None:
        """Have it end soon, whoever waits for it, because the interpreter ends. Called in any thread."""
        ...


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

    Threads start when they are needed and end when they are idle. A forked child begins with none.

    Args:
        threads: The most threads that run at once.
    """

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._lock = threading.Lock()
        self._begin_anew()
        _pools.add(self)

    def _begin_anew(self) -> None:
        self._jobs: SimpleQueue[tuple[Job, float] | None] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._running: set[Job] = set()
        self._unfinished = 0
        self._dropped = 0
        self._is_ending = False
        self._served = 0
        self.refused = 0
        self._longest_wait = 0.0
        self._number = 0

    def submit(self, job: Job) -> None:
        """Have a thread do a job, as soon as one is free and all earlier jobs have begun."""
        with self._lock:
            self._unfinished += 1
            self._jobs.put((job, time.monotonic()))
            if self._unfinished > len(self._threads) < self._most:
                self._start_thread()

    def _start_thread(self) -> None:
        self._number += 1
        thread = threading.Thread(
            target=self._work, args=(self._jobs,), name=f"leased thread {self._number}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # the system has no thread left
            if not self._threads:
                raise
        else:
            self._threads.add(thread)

    def drop(self) -> None:
        """Take note that a job was called off before it began: it counts no more, though it keeps its place."""
        with self._lock:
            self._dropped += 1

    @property
    def is_overfull(self) -> bool:
        """Whether jobs wait for a thread."""
        return self._unfinished - self._dropped > self._most

    def stats(self) -> Stats:
        """Return what the pool does now, and has done."""
        with self._lock:
            return Stats(
                busy=len(self._running),
                idle=max(0, len(self._threads) - len(self._running)),  # close() forgets threads that are still busy
                queued=self._unfinished - self._dropped - len(self._running),
                served=self._served,
                refused=self.refused,
                longest_wait=self._longest_wait,
            )

    def close(self) -> list[threading.Thread]:
        """Have every thread end when all jobs are done, and return the threads; later jobs start new ones."""
        with self._lock:
            threads, self._threads = self._threads, set()
            jobs, self._jobs = self._jobs, SimpleQueue()
            for _ in threads:
                jobs.put(None)
        return list(threads)

    def join(self) -> None:
        """Wait until all jobs are done and their threads have ended."""
        for thread in self.close():
            thread.join()

    def end(self) -> None:
        """Have the jobs end soon, and wait for that."""
        with self._lock:
            self._is_ending = True
            running = list(self._running)
        for job in running:
            job.call_off()
        self.join()

    def _work(self, jobs: SimpleQueue[tuple[Job, float] | None]) -> None:
        while True:
            try:
                item = jobs.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._lock:  # submit() holds it too, so no job comes between the look and the end
                    if jobs.empty():
                        self._threads.discard(threading.current_thread())
                        return
                continue
            if item is None:
                return
            job, since = item
            if job.begin():
                self._do(job, since)
            else:
                with self._lock:
                    self._dropped -= 1
                    self._unfinished -= 1
            del job, item  # the next one may be long in coming

    def _do(self, job: Job, since: float) -> None:
        with self._lock:
            self._running.add(job)
            self._longest_wait = max(self._longest_wait, time.monotonic() - since)
        if self._is_ending:
            job.call_off()
        try:
            job.run()
        except BaseException:  # it breaks its promise; the thread has other jobs to do
            logger.exception("a leased thread's job failed")
        with self._lock:
            self._running.discard(job)
            self._served += 1
            self._unfinished -= 1
        job.finish()


_pools: weakref.WeakSet[ThreadPool] = weakref.WeakSet()


def _leave_threads_behind() -> None:
    """Forget, in a forked child, the threads and jobs of its parent."""
    for pool in list(_pools):
        pool._lock = threading.Lock()
        pool._begin_anew()


def _end_all() -> None:
    """Let what the applications do be finished before the interpreter ends; there is no loop to send more."""
    for pool in list(_pools):
        pool.end()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_threads_behind)
