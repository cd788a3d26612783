"""Subinterpreters (PEP 734), and iterators that threads share."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.helpers import lasting, soon
from corpus.scenario import ALL_LOOPS, ASYNCIO, blocks, cleanup, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.scenario import Run

_interpreters: Any = import_module("concurrent.interpreters") if sys.version_info >= (3, 14) else None
_futures: Any = concurrent.futures
_threading: Any = threading
_SINCE = (3, 14)


def _interpreter() -> Any:
    made = _interpreters.create()
    cleanup.callback(made.close)
    return made


def _full() -> Any:
    queue = _interpreters.create_queue(1)
    queue.put(1)
    return queue


@blocks("concurrent.interpreters.create", since=_SINCE)
def create() -> Run:
    """Create a subinterpreter."""

    async def run() -> None:
        cleanup.callback(_interpreters.create().close)  # HERE

    return run


@blocks("concurrent.interpreters.Interpreter.exec", since=_SINCE)
def exec_in_interpreter() -> Run:
    """Run source code in a subinterpreter."""
    interpreter = _interpreter()

    async def run() -> None:
        interpreter.exec("import time; time.sleep(.01)")  # HERE

    return run


@blocks("concurrent.interpreters.Interpreter.call", since=_SINCE)
def call_in_interpreter() -> Run:
    """Call a function in a subinterpreter."""
    interpreter = _interpreter()

    async def run() -> None:
        interpreter.call(time.sleep, 0.01)  # HERE

    return run


@blocks("concurrent.interpreters.Interpreter.close", since=_SINCE)
def close() -> Run:
    """Close a subinterpreter."""
    interpreter = _interpreters.create()

    async def run() -> None:
        interpreter.close()  # HERE

    return run


@blocks("concurrent.interpreters.Queue.get", since=_SINCE)
def queue_get() -> Run:
    """Wait for an item that a subinterpreter puts into a queue."""
    queue = _interpreters.create_queue()
    trigger = soon(lambda: queue.put(1))

    async def run() -> None:
        trigger()
        queue.get()  # HERE

    return run


@blocks("concurrent.interpreters.Queue.get", since=_SINCE)
def queue_get_with_timeout() -> Run:
    """Wait for an item of a queue, with a timeout."""
    queue = _interpreters.create_queue()
    trigger = soon(lambda: queue.put(1))

    async def run() -> None:
        trigger()
        queue.get(timeout=5)  # HERE

    return run


@blocks("concurrent.interpreters.Queue.put", since=_SINCE)
def queue_put() -> Run:
    """Wait until there is room in a queue."""
    queue = _full()
    trigger = soon(queue.get_nowait)

    async def run() -> None:
        trigger()
        queue.put(2)  # HERE

    return run


@blocks("concurrent.futures.Future.result", since=_SINCE)
def result_of_pool() -> Run:
    """Wait for the result of a pool of subinterpreters."""
    pool = cleanup.enter_context(_futures.InterpreterPoolExecutor(1))

    async def run() -> None:
        pool.submit(time.sleep, 0.3).result()  # HERE

    return run


@blocks("threading.serialize_iterator", since=(3, 15))
def iterator_of_another_thread() -> Run:
    """Wait while another thread advances an iterator that both share."""
    begun = threading.Event()
    wait, trigger = lasting()

    def items() -> Iterator[int]:
        yield 0
        begun.set()
        wait()
        yield 1
        yield 2

    iterator = _threading.serialize_iterator(items())
    next(iterator)
    threading.Thread(target=next, args=(iterator,), daemon=True).start()
    begun.wait(5)

    async def run() -> None:
        trigger()
        next(iterator)  # HERE

    return run


@safe(since=_SINCE)
def queues_without_waiting() -> Run:
    """Get and put where an item or room is available, without waiting, and with a timeout too short to wait."""
    queue, empty, full = _full(), _interpreters.create_queue(), _full()

    async def run() -> None:
        assert queue.get() == 1
        queue.put(2)
        assert queue.get(timeout=5) == 2
        assert queue.qsize() == 0
        for take in (empty.get_nowait, lambda: empty.get(block=False), lambda: empty.get(timeout=0)):
            try:
                take()
            except _interpreters.QueueEmpty:
                continue
            raise AssertionError
        for put in (full.put_nowait, lambda item: full.put(item, timeout=0), lambda item: full.put(item, block=False)):
            try:
                put(3)
            except _interpreters.QueueFull:
                continue
            raise AssertionError

    return run


@safe(since=_SINCE)
def thread_of_interpreter() -> Run:
    """Call a function in a subinterpreter, in a thread."""
    interpreter = _interpreter()

    async def run() -> None:
        assert not interpreter.is_running()
        interpreter.prepare_main(number=1)
        cleanup.callback(interpreter.call_in_thread(time.sleep, 0.01).join)

    return run


@safe(loops=ASYNCIO, since=_SINCE)
def pool_of_interpreters() -> Run:
    """Call functions in a pool of subinterpreters, and await them on the loop."""

    async def run() -> None:
        pool = _futures.InterpreterPoolExecutor(1)
        cleanup.callback(pool.shutdown)
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(pool, len, "hello") == len("hello")
        assert await asyncio.wrap_future(pool.submit(len, "hello")) == len("hello")
        pool.shutdown(wait=False)

    return run


@safe(loops=ASYNCIO, since=_SINCE)
def interpreter_in_thread() -> Run:
    """Create and use a subinterpreter in a thread."""

    def use() -> None:
        interpreter = _interpreters.create()
        interpreter.exec("1 + 1")
        interpreter.call(len, "hello")
        interpreter.close()

    async def run() -> None:
        await asyncio.to_thread(use)

    return run


@safe(loops=ALL_LOOPS, since=(3, 15))
def iterators_of_one_thread() -> Run:
    """Consume iterators that threads could share, and do not."""

    async def run() -> None:
        assert list(_threading.serialize_iterator(iter([1, 2]))) == [1, 2]
        first, second = _threading.concurrent_tee(iter([1, 2]), 2)
        assert list(first) == list(second) == [1, 2]

    return run
