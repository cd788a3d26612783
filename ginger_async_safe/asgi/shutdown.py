"""End the threads of a pool at a shutdown: wait for them up to a limit, and log the requests that remain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
import time
from typing import TYPE_CHECKING

from ginger_async_safe.asgi.loop_call_queue import call_queue_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ginger_async_safe.asgi.pooled_thread import Job
    from ginger_async_safe.asgi.workers import Worker

__all__ = ["GRACE", "SHUTDOWN_TIMEOUT", "end_threads", "in_dedicated_thread"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

SHUTDOWN_TIMEOUT = 25.0
"""Seconds that a shutdown waits for requests in flight: Kubernetes kills a process after 30."""

GRACE = 1.0
"""Seconds that a request has to end after its server has cancelled it: enough for ``close()``, not for a slow view."""

_SECONDS_BETWEEN_LOOKS = 0.05
_MOST_NAMED = 20


def end_threads(workers: Iterable[Worker]) -> None:
    """Wait until threads have ended, and log which requests remain.

    The limit for a thread is its pool's ``shutdown_timeout``, and :data:`GRACE` where the server has cancelled its
    request. A thread that remains is a daemon thread, which does not keep the process from exiting. It is not waited
    for again.

    Args:
        workers: Threads of dismissed generations, which end when their queue is empty.
    """
    left = _wait_for([worker for worker in workers if not worker.is_left_behind])
    for worker in left:
        worker.is_left_behind = True
    jobs = [worker.job for worker in left]
    for generation in {worker.generation for worker in left}:
        jobs.extend(job for job, _ in tuple(generation.queue) if not job.is_given_up)
    names = [job.name for job in jobs if job is not None]
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        logger.warning(
            "the server ends, and these requests did not, within shutdown_timeout or when the server gave them up: %s%s",
            ", ".join(names[:_MOST_NAMED]),
            more,
        )


def _wait_for(left: list[Worker]) -> list[Worker]:
    """Wait for threads, each up to its limit; return those that have not ended."""
    began = time.monotonic()
    given_up: dict[Job, float] = {}

    def deadline(worker: Worker, now: float) -> float:
        limit = worker.shutdown_timeout
        end = math.inf if limit is None else began + limit
        job = worker.job
        if job is not None and job.is_given_up:
            end = min(end, given_up.setdefault(job, now) + GRACE)
        return end

    generations = {worker.generation for worker in left}
    while True:  # list the threads anew: while one waits for its client, another may start for queued jobs
        members = [worker for generation in generations for worker in tuple(generation.members)]
        left = [worker for worker in {*left, *members} if worker.is_alive() and not worker.is_left_behind]
        now = time.monotonic()
        waited_for = [worker for worker in left if now < deadline(worker, now)]
        if not waited_for:
            return left
        waited_for[0].join(_SECONDS_BETWEEN_LOOKS)


async def in_dedicated_thread(call: Callable[[], None]) -> None:
    """Make a call in a daemon thread, and wait for it.

    A thread of the loop's executor would keep the process from exiting: the interpreter joins those first at its exit.
    """
    call_queue = call_queue_of(asyncio.get_running_loop())
    is_done = asyncio.Event()

    def make_it() -> None:
        try:
            call()
        finally:
            with contextlib.suppress(RuntimeError):  # the loop is closed: no task waits
                call_queue.post(is_done.set)

    threading.Thread(target=make_it, name="end of leased threads", daemon=True).start()
    await is_done.wait()
