"""The threads of a pool: each does one job after the other, and waits where there is none."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.asgi.threads import ThreadPool

__all__ = ["Crew", "Job", "Worker", "add_ending", "remove_ending", "take_one"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_T = TypeVar("_T")

IDLE_SECONDS = 10.0
"""How long a thread waits for work before it ends."""

_endings: list[Callable[[], object]] = []


def add_ending(ending: Callable[[], object]) -> None:
    """Have a call made in every leased thread before it ends."""
    _endings.append(ending)


def remove_ending(ending: Callable[[], object]) -> None:
    """Have it made no longer."""
    _endings.remove(ending)


def take_one(items: list[_T] | deque[_T]) -> _T | None:
    """Take the last item, or ``None`` where there is none: of several threads that ask for it, one gets it."""
    try:
        return items.pop()
    except IndexError:
        return None


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


class Crew:
    """The threads of a pool until it is closed, and the jobs that wait for them."""

    def __init__(self) -> None:
        self.queue: deque[tuple[Job, float]] = deque()
        self.idle: deque[Worker] = deque()
        self.size: int = 0
        self.is_coming: bool = False
        """Whether a thread was woken or started, and has yet to look into the queue."""
        self.is_short: bool = False
        """Whether the system refused the last thread that was to be started."""
        self.is_dismissed: bool = False

    def wake_one(self) -> bool:
        """Wake the thread that became idle last; tell whether there was one."""
        worker = take_one(self.idle)
        if worker is None:
            return False
        self.is_coming = True
        worker.wake()
        return True

    def dismiss(self) -> None:
        """Have the threads end when the queue is empty; nothing is put into it any more."""
        self.is_dismissed = True  # said before they are woken: one that becomes idle from now on sees it
        while self.wake_one():
            pass


class Worker(threading.Thread):
    """One thread of a pool."""

    def __init__(self, pool: ThreadPool, crew: Crew, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._pool = pool
        self.crew: Crew = crew
        self._bell = threading.Lock()
        self._bell.acquire()  # async-safe: allow[threading.Lock] - nobody else has it yet
        self.job: Job | None = None
        self.served: int = 0
        self.longest_wait: float = 0.0

    def wake(self) -> None:
        """End its wait. Called by who has taken it from the idle ones."""
        self._bell.release()

    def run(self) -> None:
        """Do jobs, and then what is to be done before a thread ends."""
        self._do_jobs()
        for ending in tuple(_endings):
            try:
                ending()
            except Exception:  # noqa: PERF203 - all are to be made
                logger.exception("the end of a leased thread failed")

    def _do_jobs(self) -> None:
        """Do jobs until there have been none for a while, or the crew is dismissed."""
        crew = self.crew
        queue = crew.queue
        crew.is_coming = False
        while True:
            try:
                job, since = queue.popleft()
            except IndexError:  # noqa: PERF203 - several threads take, and a look before would not hold
                if not self._waits_for_more():
                    return
                crew.is_coming = False
            else:
                self.job = job  # said before another one is called: this one is not free for the next job
                if queue and not crew.is_coming:
                    self._pool.call_another(crew)
                if job.begin():
                    self._do(job, since)
                else:
                    self.job = None
                    self._pool.forget_dropped()
                del job  # the next one may be long in coming

    def _waits_for_more(self) -> bool:
        """Tell whether there may be another job, as soon as that is known; else the thread is retired."""
        crew, pool = self.crew, self._pool
        if not crew.is_dismissed:
            crew.idle.append(self)
            # A second look: who has queued a job before that line has not seen this thread.
            if (crew.queue or crew.is_dismissed) and self._stops_idling():
                return True
            if not self._bell.acquire(timeout=IDLE_SECONDS):
                with pool.lock:  # submit() holds it too, so no job comes between the look and the end
                    if self._stops_idling():
                        crew.size -= 1
                        pool.retire(self)
                        return False
                self._bell.acquire()  # it was woken at the last moment
            return True
        if crew.queue:
            return True
        with pool.lock:
            pool.retire(self)
        return False

    def _stops_idling(self) -> bool:
        """Take itself from the idle ones, unless somebody has done that to wake it."""
        try:
            self.crew.idle.remove(self)
        except ValueError:
            return False
        return True

    def wait(self) -> None:
        """Wait in the middle of a job until somebody wakes this thread, or nobody needs it any more."""
        while not self._bell.acquire(timeout=IDLE_SECONDS):
            with self._pool.lock:
                if self._stops_idling():
                    return

    def count(self) -> None:
        """Take note that the job is done."""
        self.served += 1
        self.job = None

    def _do(self, job: Job, since: float) -> None:
        self.longest_wait = max(self.longest_wait, time.monotonic() - since)
        if self._pool.is_ending:
            job.call_off()
        try:
            job.run()
        except BaseException:  # it breaks its promise; the thread has other jobs to do
            logger.exception("a leased thread's job failed")
        if self.job is None:  # it was released, and woken for another job
            self.crew.is_coming = False
        else:
            self.count()
        job.finish()
