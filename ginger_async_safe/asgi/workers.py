"""The threads of a pool: each does one job after the other, and waits while there is none."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Protocol

from ginger_async_safe.asgi.pooled_thread import PooledThread

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from ginger_async_safe.asgi.generation import Generation
    from ginger_async_safe.asgi.pooled_thread import Job

__all__ = ["Worker", "add_ending", "remove_ending"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

IDLE_SECONDS = 10.0
"""Seconds that a thread waits for a job before it ends."""

_endings: list[Callable[[], object]] = []


def add_ending(ending: Callable[[], object]) -> None:
    """Register a callback that every leased thread calls before it ends."""
    _endings.append(ending)


def remove_ending(ending: Callable[[], object]) -> None:
    """Remove a callback that :func:`add_ending` registered."""
    _endings.remove(ending)


class Pool(Protocol):
    """What a thread needs of its pool."""

    lock: threading.Lock
    shutdown_timeout: float | None
    is_ending: bool

    def call_another(self, generation: Generation[Worker]) -> None:
        """Wake or start one more thread to check the queue."""
        ...

    def forget_dropped(self) -> None:
        """Record that a thread has removed a cancelled job from the queue."""
        ...

    def settle(self, generation: Generation[Worker]) -> None:
        """Give free places to threads that wait for one."""
        ...

    def leave(self, worker: Worker) -> None:
        """Record that a thread begins to wait for its client."""
        ...

    def come_back(self, worker: Worker) -> bool:
        """Record that a thread has finished waiting for its client; return whether it has to wait for a place."""
        ...

    def retire(self, worker: Worker) -> None:
        """Remove a thread that ends. Called with the lock held."""
        ...


class Worker(PooledThread):
    """A thread that does one job of its pool after the other."""

    def __init__(self, pool: Pool, generation: Generation[Worker], name: str) -> None:
        super().__init__(name)
        self._pool = pool
        self.generation: Generation[Worker] = generation

    @property
    def shutdown_timeout(self) -> float | None:
        """How many seconds a shutdown waits for this thread; ``None`` for no limit."""
        return self._pool.shutdown_timeout

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
    def waiting(self, disconnect: Callable[[], object]) -> Iterator[None]:
        """Return a context manager for a wait for the client. Used in this thread, in the middle of a job.

        Inside the block the thread does not count as working, so another one may work in its place. Leaving the block
        may take longer than the wait itself: until a place is free again.

        Args:
            disconnect: Disconnects a client that makes no progress, which ends the wait. Called at most once, in any
                thread, with the pool's lock held.
        """
        self.begin_wait(disconnect)
        try:
            self._pool.leave(self)
            yield
            self.note_progress()
        finally:
            if self._pool.come_back(self):
                self._bell.acquire()
            self.forget_client()

    def _do(self, job: Job, since: float) -> None:
        self.begin_job(since)
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
