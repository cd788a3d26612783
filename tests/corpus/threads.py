"""Waiting for threads: locks that another one holds, queues that are empty, results that are not available yet."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
import time
from multiprocessing.pool import ThreadPool
from typing import TYPE_CHECKING, Any

from corpus.helpers import held, lasting, soon
from corpus.scenario import blocks, cleanup

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run

_LOCK = "threading.Lock.acquire"
_WITH_LOCK = "threading.Lock.__enter__"


@blocks("threading.Lock", _LOCK)
def lock() -> Run:
    """Wait for a lock."""
    lock = threading.Lock()
    trigger = held(lock)

    async def run() -> None:
        trigger()
        lock.acquire()  # HERE

    return run


@blocks("threading.Lock", _LOCK)
def lock_with_timeout() -> Run:
    """Wait for a lock, with a timeout."""
    lock = threading.Lock()
    trigger = held(lock)

    async def run() -> None:
        trigger()
        lock.acquire(timeout=5)  # HERE

    return run


@blocks("threading.Lock", _WITH_LOCK, _LOCK)
def with_lock() -> Run:
    """Wait for a lock in a ``with`` statement, which calls the lock's type directly."""
    lock = threading.Lock()
    trigger = held(lock)

    async def run() -> None:
        trigger()
        with lock:  # HERE
            pass

    return run


@blocks("threading.RLock", "threading.RLock.acquire")
def rlock() -> Run:
    """Wait for a reentrant lock."""
    lock = threading.RLock()
    trigger = held(lock)

    async def run() -> None:
        trigger()
        lock.acquire()  # HERE

    return run


@blocks("threading.RLock", "threading.RLock.__enter__", "threading.RLock.acquire")
def with_rlock() -> Run:
    """Wait for a reentrant lock in a ``with`` statement."""
    lock = threading.RLock()
    trigger = held(lock)

    async def run() -> None:
        trigger()
        with lock:  # HERE
            pass

    return run


@blocks("threading.Event.wait")
def event() -> Run:
    """Wait for an event."""
    event = threading.Event()
    trigger = soon(event.set)

    async def run() -> None:
        trigger()
        event.wait()  # HERE

    return run


@blocks("threading.Condition.wait")
def condition() -> Run:
    """Wait for a condition."""
    condition = threading.Condition()

    def notify() -> None:
        with condition:
            condition.notify()

    trigger = soon(notify)

    async def run() -> None:
        with condition:
            trigger()
            condition.wait()  # HERE

    return run


@blocks("threading.Condition.wait_for", "threading.Condition.wait")
def condition_wait_for() -> Run:
    """Wait until a condition is true."""
    condition = threading.Condition()
    said: list[bool] = []

    def notify() -> None:
        with condition:
            said.append(True)
            condition.notify()

    trigger = soon(notify)

    async def run() -> None:
        with condition:
            trigger()
            condition.wait_for(lambda: bool(said))  # HERE

    return run


@blocks("threading.Condition", "threading.Condition.__enter__", "threading.RLock.__enter__", "threading.RLock.acquire")
def with_condition() -> Run:
    """Wait for a condition's lock."""
    condition = threading.Condition()
    trigger = held(condition)

    async def run() -> None:
        trigger()
        with condition:  # HERE
            pass

    return run


@blocks("threading.Semaphore.acquire", "threading.Condition.wait")
def semaphore() -> Run:
    """Wait for a semaphore."""
    semaphore = threading.Semaphore()
    trigger = held(semaphore)

    async def run() -> None:
        trigger()
        semaphore.acquire()  # HERE

    return run


@blocks("threading.Semaphore.__enter__", "threading.Semaphore.acquire", "threading.Condition.wait")
def with_bounded_semaphore() -> Run:
    """Wait for a bounded semaphore in a ``with`` statement."""
    semaphore = threading.BoundedSemaphore()
    trigger = held(semaphore)

    async def run() -> None:
        trigger()
        with semaphore:  # HERE
            pass

    return run


@blocks("threading.Barrier.wait", "threading.Condition.wait", "threading.Condition.wait_for")
def barrier() -> Run:
    """Wait at a barrier."""
    barrier = threading.Barrier(2, timeout=5)
    trigger = soon(barrier.wait)
    cleanup.callback(barrier.abort)

    async def run() -> None:
        trigger()
        barrier.wait()  # HERE

    return run


@blocks("threading.Thread.join")
def thread_join() -> Run:
    """Wait for a thread to end."""
    wait, trigger = lasting()
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()

    async def run() -> None:
        trigger()
        thread.join()  # HERE

    return run


@blocks("threading.Thread.join")
def thread_join_with_timeout() -> Run:
    """Wait for a thread to end, with a timeout."""
    wait, trigger = lasting()
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()

    async def run() -> None:
        trigger()
        thread.join(timeout=0.05)  # HERE

    return run


@blocks("queue.Queue.get", "threading.Condition.wait")
def queue_get() -> Run:
    """Wait for an item."""
    items: queue.Queue[int] = queue.Queue()
    trigger = soon(lambda: items.put(1))

    async def run() -> None:
        trigger()
        items.get()  # HERE

    return run


@blocks("queue.Queue.get", "queue.PriorityQueue.get", "threading.Condition.wait")
def priority_queue_get_with_timeout() -> Run:
    """Wait for an item of a queue that sorts, with a timeout."""
    items: queue.PriorityQueue[int] = queue.PriorityQueue()

    async def run() -> None:
        with contextlib.suppress(queue.Empty):
            items.get(timeout=0.02)  # HERE

    return run


@blocks("queue.Queue.put", "threading.Condition.wait")
def queue_put() -> Run:
    """Wait for room in a queue that is full."""
    items: queue.Queue[int] = queue.Queue(1)
    items.put(1)
    trigger = soon(items.get)

    async def run() -> None:
        trigger()
        items.put(2)  # HERE

    return run


@blocks("queue.Queue.join", "threading.Condition.wait")
def queue_join() -> Run:
    """Wait until all items are done."""
    items: queue.Queue[int] = queue.Queue()
    items.put(1)
    trigger = soon(items.task_done)

    async def run() -> None:
        trigger()
        items.join()  # HERE

    return run


@blocks("queue.SimpleQueue.get")
def simple_queue_get() -> Run:
    """Wait for an item of a queue that is written in C."""
    items: queue.SimpleQueue[int] = queue.SimpleQueue()
    trigger = soon(lambda: items.put(1))

    async def run() -> None:
        trigger()
        items.get()  # HERE

    return run


@blocks("concurrent.futures.Future.result", "concurrent.futures._base.Future.result", "threading.Condition.wait")
def future_result() -> Run:
    """Wait for a result."""
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    trigger = soon(lambda: future.set_result(1))

    async def run() -> None:
        trigger()
        future.result()  # HERE

    return run


@blocks("concurrent.futures.Future.exception", "concurrent.futures._base.Future.exception", "threading.Condition.wait")
def future_exception() -> Run:
    """Wait for an error, or its absence."""
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    trigger = soon(lambda: future.set_result(1))

    async def run() -> None:
        trigger()
        future.exception()  # HERE

    return run


@blocks("concurrent.futures.wait", "concurrent.futures._base.wait", "threading.Event.wait")
def futures_wait() -> Run:
    """Wait for several results."""
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    trigger = soon(lambda: future.set_result(1))

    async def run() -> None:
        trigger()
        concurrent.futures.wait([future])  # HERE

    return run


@blocks("concurrent.futures.as_completed", "concurrent.futures._base.as_completed", "threading.Event.wait")
def futures_as_completed() -> Run:
    """Wait for results in the order in which they come."""
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    trigger = soon(lambda: future.set_result(1))

    async def run() -> None:
        trigger()
        for _ in concurrent.futures.as_completed([future]):  # HERE
            pass

    return run


def _busy() -> tuple[concurrent.futures.ThreadPoolExecutor, Callable[[], None]]:
    """Return a pool that is busy until shortly after the other returned function was called."""
    wait, trigger = lasting()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.submit(wait)
    return pool, trigger


@blocks(
    "concurrent.futures.Executor.shutdown", "concurrent.futures.ThreadPoolExecutor.shutdown", "threading.Thread.join"
)
def executor_shutdown() -> Run:
    """Wait for the threads of a pool."""
    pool, trigger = _busy()

    async def run() -> None:
        trigger()
        pool.shutdown()  # HERE

    return run


@blocks(
    "concurrent.futures.Executor.__exit__",
    "concurrent.futures.ThreadPoolExecutor.__exit__",
    "concurrent.futures.Executor.shutdown",
    "concurrent.futures.ThreadPoolExecutor.shutdown",
    "threading.Thread.join",
)
def end_of_with_executor() -> Run:
    """Wait for the threads of a pool at the end of a ``with`` statement."""
    pool, trigger = _busy()

    async def run() -> None:
        trigger()
        with pool:  # HERE
            pass

    return run


@blocks("concurrent.futures.Executor.map", "concurrent.futures.Future.result", "threading.Condition.wait")
def executor_map() -> Run:
    """Wait for the results of a pool, one by one."""
    pool, trigger = _busy()
    results = pool.map(abs, [1, 2])

    async def run() -> None:
        trigger()
        list(results)  # HERE

    return run


@blocks(
    "multiprocessing.AsyncResult.get",
    "multiprocessing.pool.ThreadPool.map",
    "multiprocessing.pool.Pool.map",
    "threading.Event.wait",
)
def thread_pool_map() -> Run:
    """Wait for the results of multiprocessing's pool of threads."""
    pool = cleanup.enter_context(ThreadPool(1))

    async def run() -> None:
        pool.map(time.sleep, [0.05])  # HERE

    return run


@blocks("concurrent.futures.Future.result", "threading.Condition.wait")
def result_of_another_loop() -> Run:
    """Wait for a coroutine on a loop in another thread."""
    other = asyncio.new_event_loop()
    threading.Thread(target=other.run_forever, daemon=True).start()
    over = asyncio.Event()
    future: concurrent.futures.Future[Any] = asyncio.run_coroutine_threadsafe(over.wait(), other)
    trigger = soon(lambda: other.call_soon_threadsafe(over.set))

    async def run() -> None:
        trigger()
        future.result()  # HERE

    return run
