"""Rules for other threads and other interpreters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Condition

__all__ = ["SHUTDOWN", "THREADS"]

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
SHUTDOWN = "await sync_to_async(executor.shutdown)(), before the end of its with block or without one"
"""The fix for the end of an executor's ``with`` block."""

_IN_INTERPRETER = "await loop.run_in_executor(pool, ...), of a concurrent.futures.InterpreterPoolExecutor"
_OF_INTERPRETERS = {
    "create": "it starts another interpreter, including its imports at start-up",
    "Interpreter.exec": "it runs until the code in the other interpreter has ended",
    "Interpreter.call": "it runs until the code in the other interpreter has ended",
    "Interpreter.close": "it shuts another interpreter down",
}
_FIXES = {
    "threading.Barrier.wait": "await barrier.wait(), of an asyncio.Barrier",
    "threading.Condition.wait": "await condition.wait(), of an asyncio.Condition",
    "threading.Condition.__enter__": "async with condition, an asyncio.Condition",
    "threading.Event.wait": "await event.wait(), of an asyncio.Event",
    "threading.Semaphore.acquire": "await semaphore.acquire(), of an asyncio.Semaphore",
    "queue.Queue.get": "await queue.get(), of an asyncio.Queue",
    "queue.Queue.put": "await queue.put(...), of an asyncio.Queue",
    "_queue.SimpleQueue.get": "await queue.get(), of an asyncio.Queue",
    "concurrent.futures._base.Future.result": "await asyncio.wrap_future(future)",
    "concurrent.futures._base.Future.exception": "await asyncio.wait([asyncio.wrap_future(future)])",
    "concurrent.futures.thread.ThreadPoolExecutor.shutdown": SHUTDOWN,
}


def _known_as(target: str) -> str:
    """Return the public name of a class or function."""
    names = {"_queue.": "queue.", "futures._base.": "futures.", "futures.thread.": "futures.", ".__enter__": ""}
    for private, public in names.items():
        target = target.replace(private, public)
    return target


THREADS = (
    *(
        BlockingCall(
            target,
            id=_known_as(target),
            fix=_FIXES.get(target, ""),
            category="threads",
            reason="it waits for another thread",
            blocks=condition,
            shape="entering" if target.endswith("__enter__") else "call",
        )
        for target, condition in _WAITS.items()
    ),
    *(
        BlockingCall(
            f"_thread.{kind}.{name}",
            id="threading.Lock" if kind == "LockType" else "threading.RLock",
            fix="async with lock, an asyncio.Lock",
            category="threads",
            reason="it waits for a lock that another thread holds",
            shape="lock",
        )
        for kind in ("LockType", "RLock")
        for name in ("acquire", "__enter__")
    ),
    *(
        BlockingCall(
            f"threading.serialize_iterator.{name}",
            id="threading.serialize_iterator",
            category="threads",
            reason="it waits while another thread computes the next item",
            blocks=conditions.iterator_is_taken,
            is_optional=True,
        )
        for name in ("__next__", "close", "send", "throw")
    ),
    BlockingCall(
        "threading._concurrent_tee.__next__",
        id="threading.concurrent_tee",
        category="threads",
        reason="it waits while another thread computes the next item",
        blocks=conditions.tee_is_taken,
        is_optional=True,
    ),
    *(
        BlockingCall(
            f"concurrent.interpreters.{target}",
            id=f"concurrent.interpreters.{target}",
            fix=_IN_INTERPRETER,
            category="threads",
            reason=reason,
            is_optional=True,
        )
        for target, reason in _OF_INTERPRETERS.items()
    ),
    *(
        BlockingCall(
            f"concurrent.interpreters._queues.Queue.{name}",
            id=f"concurrent.interpreters.Queue.{name}",
            category="threads",
            reason="it waits for another interpreter",
            blocks=condition,
            is_optional=True,
        )
        for name, condition in (
            ("get", conditions.interpreters_queue_is_empty),
            ("put", conditions.interpreters_queue_is_full),
        )
    ),
)
