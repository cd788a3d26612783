"""Waiting for another thread."""

from __future__ import annotations

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["THREADS"]

_WAITS = {
    "threading.Barrier.wait": conditions.barrier_is_not_full,
    "threading.Condition.wait": conditions.condition_waits,
    "threading.Event.wait": conditions.event_is_not_set,
    "threading.Semaphore.acquire": conditions.semaphore_is_taken,
    "threading.Thread.join": conditions.thread_is_alive,
    "queue.Queue.get": conditions.queue_is_empty,
    "queue.Queue.put": conditions.queue_is_full,
    "_queue.SimpleQueue.get": conditions.queue_is_empty,
    "concurrent.futures._base.Future.result": conditions.future_is_not_done,
    "concurrent.futures._base.Future.exception": conditions.future_is_not_done,
}

THREADS = (
    *(
        BlockingCall(
            target,
            id=target.replace("_queue.", "queue.").replace("futures._base.", "futures."),
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
            category="locks",
            reason="another thread holds the lock",
        )
        for kind in ("LockType", "RLock")
        for name in ("acquire", "__enter__")
    ),
)
