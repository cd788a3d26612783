"""The threads of a pool: each does one job after the other, and waits while there is none."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator

    from ginger_async_safe.asgi.generation import Generation
    from ginger_async_safe.asgi.threads import ThreadPool

__all__ = ["Job", "Worker", "add_ending", "remove_ending", "take_one"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_T = TypeVar("_T")

IDLE_SECONDS = 10.0
"""Seconds that a thread waits for a job before it ends."""

_endings: list[Callable[[], object]] = []


def add_ending(ending: Callable[[], object]) -> None:
    """Register a callback that every leased thread calls before it ends."""
    _endings.append(ending)


def remove_ending(ending: Callable[[], object]) -> None:
    """Remove a callback that :func:`add_ending` registered."""
    _endings.remove(ending)


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


class Worker(threading.Thread):
    """One thread of a pool."""

    def __init__(self, pool: ThreadPool, generation: Generation, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._pool = pool
        self.generation: Generation = generation
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
        self.let_go: Callable[[], object] = _wait_on
        """Disconnects the client that the thread waits for. Called with the pool's lock held, in any thread."""

    @property
    def shutdown_timeout(self) -> float | None:
        """How many seconds a shutdown waits for this thread; ``None`` for no limit."""
        return self._pool.shutdown_timeout

    def wake(self) -> None:
        """End this thread's wait. Called by the code that has removed it from the idle or parked threads."""
        self._bell.release()

    def run(self) -> None:
        """Do jobs, then call the callbacks that :func:`add_ending` has registered."""
        self._do_jobs()
        for ending in tuple(_endings):
            try:
                ending()
            except Exception:  # noqa: PERF203 - one that fails must not prevent the others
                logger.exception("the end of a leased thread failed")

    def _do_jobs(self) -> None:
        """Do jobs until there have been none for a while, or the generation is dismissed."""
        generation = self.generation
        generation.is_coming = False
        while True:
            taken = self._take_job()
            if taken is None:
                if not self._waits_for_more():
                    return
                generation.is_coming = False
                continue
            job, since = taken
            self.job = job  # set before another thread is woken: this one does not count as free for the next job
            if generation.queue and not generation.is_coming:
                self._pool.call_another(generation)
            if job.begin():
                self._do(job, since)
            else:
                self.job = None
                self._pool.forget_dropped()
            del job, taken  # release the job: the next one may not come for a long time

    def _take_job(self) -> tuple[Job, float] | None:
        """Return the next job, or ``None`` where there is none or another thread needs this one's place first."""
        if self.generation.must_settle:
            return None
        try:
            return self.generation.queue.popleft()
        except IndexError:  # a check beforehand would not be reliable: other threads take jobs too
            return None

    def _waits_for_more(self) -> bool:
        """Wait for another job; return whether there may be one. Otherwise the thread is retired."""
        generation, pool = self.generation, self._pool
        generation.idle.append(self)
        # Check again: a job that was queued, or a place that was needed, before that line did not wake this thread.
        if generation.queue or generation.must_settle or generation.is_dismissed:
            pool.settle(generation)
        if generation.is_dismissed:
            with pool.lock:
                if self._stops_idling():
                    return self._stays()
        if not self._bell.acquire(timeout=IDLE_SECONDS):
            with pool.lock:  # submit() holds it too, so no job is queued between this check and the thread's end
                if self._stops_idling():
                    return self._stays()
            self._bell.acquire()  # it was woken at the last moment
        return True

    def _stays(self) -> bool:
        """Return whether there is a job and a place for it; else retire. Called with the pool's lock held."""
        generation = self.generation
        if generation.queue and generation.working <= generation.places:
            return True
        self._pool.retire(self)
        return False

    def _stops_idling(self) -> bool:
        """Remove this thread from the idle ones; return whether it was still there. Called with the pool's lock held.

        It is no longer there where another thread has removed it to wake it.
        """
        try:
            self.generation.idle.remove(self)
        except ValueError:
            return False
        return True

    def wait(self) -> None:
        """Wait in the middle of a job until this thread is woken, or was released and stays idle."""
        while not self._bell.acquire(timeout=IDLE_SECONDS):
            with self._pool.lock:
                if self._stops_idling():
                    self.generation.must_settle = True  # this thread has no place for another job
                    return

    @contextlib.contextmanager
    def waiting(self, let_go: Callable[[], object]) -> Iterator[None]:
        """Return a context manager for a wait for the client. Used in this thread, in the middle of a job.

        Inside the block the thread does not count as working, so another one may work in its place. Leaving the block
        may take longer than the wait itself: until a place is free again.

        Args:
            let_go: Disconnects a client that makes no progress, which ends the wait. Called at most once, in any
                thread, with the pool's lock held.
        """
        self.waits_since = time.monotonic()
        self.let_go = let_go
        try:
            self._pool.leave(self)
            yield
            self.has_seen_progress = True
        finally:
            if self._pool.come_back(self):
                self._bell.acquire()
            self.let_go = _wait_on  # the other callable refers to the job

    def wait_for(self, seconds: float) -> bool:
        """Wait in the middle of a job for at most ``seconds``; return whether this thread was woken in that time."""
        return self._bell.acquire(timeout=seconds)

    def count(self) -> None:
        """Count the current job as done."""
        self.served += 1
        self.job = None

    def _do(self, job: Job, since: float) -> None:
        self.longest_wait = max(self.longest_wait, time.monotonic() - since)
        self.has_seen_progress = False
        if self._pool.is_ending:
            job.call_off()
        try:
            job.run()
        except BaseException:  # a job must not raise; keep the thread for other jobs
            logger.exception("a leased thread's job failed")
        if self.job is None:  # the job was put off; or this thread was released, and woken for another job
            self.generation.is_coming = False
        else:
            self.count()
        job.finish()
