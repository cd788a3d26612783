"""Waiting for another thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Condition

__all__ = ["THREADS"]

_WAITS: dict[str, Condition] = {
    "threading.Barrier.wait": conditions.barrier_is_not_full,
    "threading.Condition.wait": conditions.condition_waits,
    "threading.Condition.__enter__": conditions.lock_of_condition_is_held,
    "threading.Event.wait": conditions.event_is_not_set,
    "threading.Semaphore.acquire": conditions.semaphore_is_taken,
    "threading.Thread.join": conditions.thread_is_alive,
    "queue.Queue.get": conditions.queue_is_empty,
    "queue.Queue.put": conditions.queue_is_full,
    "_queue.SimpleQueue.get": conditions.queue_is_empty,
    "concurrent.futures._base.Future.result": conditions.future_is_not_done,
    "concurrent.futures._base.Future.exception": conditions.future_is_not_done,
    "concurrent.futures.thread.ThreadPoolExecutor.shutdown": conditions.thread_pool_is_at_work,
}
_MENDS = {
    "threading.Barrier.wait": "await asyncio.Barrier(...).wait()",
    "threading.Condition.wait": "await asyncio.Condition().wait()",
    "threading.Condition.__enter__": "async with asyncio.Condition()",
    "threading.Event.wait": "await asyncio.Event().wait()",
    "threading.Semaphore.acquire": "await asyncio.Semaphore(...).acquire()",
    "queue.Queue.get": "await asyncio.Queue().get()",
    "queue.Queue.put": "await asyncio.Queue().put(...)",
    "_queue.SimpleQueue.get": "await asyncio.Queue().get()",
    "concurrent.futures._base.Future.result": "await asyncio.wrap_future(...)",
    "concurrent.futures._base.Future.exception": "await asyncio.wrap_future(...)",
}


def _known_as(target: str) -> str:
    """Return the name that users know a class or function by."""
    names = {"_queue.": "queue.", "futures._base.": "futures.", "futures.thread.": "futures.", ".__enter__": ""}
    for private, public in names.items():
        target = target.replace(private, public)
    return target


THREADS = (
    *(
        BlockingCall(
            target,
            id=_known_as(target),
            mend=_MENDS.get(target, ""),
            category="threads",
            reason="it waits for another thread",
            blocks=condition,
        )
        for target, condition in _WAITS.items()
    ),
    *(
        BlockingCall(
            f"_thread.{kind}.{name}",
            id="threading.Lock" if kind == "LockType" else "threading.RLock",
            mend="async with asyncio.Lock()",
            category="threads",
            reason="another thread holds the lock",
            shape="lock",
        )
        for kind in ("LockType", "RLock")
        for name in ("acquire", "__enter__")
    ),
)
