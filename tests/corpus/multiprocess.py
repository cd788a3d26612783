"""multiprocessing: processes, pipes, locks and queues between them."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from corpus.helpers import soon, wait_for_file
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkProcess

    from corpus.scenario import Run

_FORK = multiprocessing.get_context("fork")  # forked before there are threads, which is safe


def _started() -> tuple[ForkProcess, Callable[[], None]]:
    """Return a process that ends shortly after the other returned function was called."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    process = _FORK.Process(target=reader.recv)
    process.start()
    cleanup.callback(process.join)
    return process, soon(lambda: writer.send("end"))


@blocks("multiprocessing.Process.start", "multiprocessing.process.BaseProcess.start", "os.fork")
def start() -> Run:
    """Start a process, which waits for the fork."""
    process = _FORK.Process(target=abs, args=(1,))

    async def run() -> None:
        process.start()  # HERE
        cleanup.callback(process.join)

    return run


@blocks("multiprocessing.Process.join", "multiprocessing.process.BaseProcess.join", "os.waitpid")
def join() -> Run:
    """Wait for a process."""
    process, trigger = _started()

    async def run() -> None:
        trigger()
        process.join()  # HERE

    return run


@blocks("multiprocessing.Connection.recv", "multiprocessing.connection.Connection.recv", "os.read")
def pipe_recv() -> Run:
    """Wait for an object from a pipe."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    trigger = soon(lambda: writer.send("hello"))

    async def run() -> None:
        trigger()
        reader.recv()  # HERE

    return run


@blocks(
    "multiprocessing.Connection.poll", "multiprocessing.connection.Connection.poll", "multiprocessing.connection.wait"
)
def pipe_poll() -> Run:
    """Wait until a pipe is readable."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    trigger = soon(lambda: writer.send("hello"))

    async def run() -> None:
        trigger()
        reader.poll(5)  # HERE

    return run


@blocks("multiprocessing.connection.wait")
def wait_for_sentinel() -> Run:
    """Wait for one of several processes to end."""
    process, trigger = _started()

    async def run() -> None:
        trigger()
        multiprocessing.connection.wait([process.sentinel])  # HERE

    return run


@blocks(
    "multiprocessing.Lock",
    "multiprocessing.Lock.acquire",
    "multiprocessing.synchronize.Lock.acquire",
    "_multiprocessing.SemLock.acquire",
)
def lock() -> Run:
    """Wait for a lock between processes."""
    lock = _FORK.Lock()
    lock.acquire()
    trigger = soon(lock.release)

    async def run() -> None:
        trigger()
        lock.acquire()  # HERE

    return run


@blocks(
    "multiprocessing.Lock",
    "multiprocessing.Lock.__enter__",
    "multiprocessing.synchronize.Lock.__enter__",
    "multiprocessing.synchronize.SemLock.__enter__",
    "multiprocessing.Lock.acquire",
    "_multiprocessing.SemLock.__enter__",
    "_multiprocessing.SemLock.acquire",
)
def with_lock() -> Run:
    """Wait for a lock between processes in a ``with`` statement."""
    lock = _FORK.Lock()
    lock.acquire()
    trigger = soon(lock.release)

    async def run() -> None:
        trigger()
        with lock:  # HERE
            pass

    return run


@blocks(
    "multiprocessing.Event.wait", "multiprocessing.synchronize.Event.wait", "multiprocessing.synchronize.Condition.wait"
)
def event() -> Run:
    """Wait for an event between processes."""
    event = _FORK.Event()
    trigger = soon(event.set)

    async def run() -> None:
        trigger()
        event.wait(5)  # HERE

    return run


@blocks(
    "multiprocessing.Queue.get", "multiprocessing.queues.Queue.get", "multiprocessing.connection.Connection.recv_bytes"
)
def queue_get() -> Run:
    """Wait for an item of a queue between processes."""
    items = _FORK.Queue()
    cleanup.callback(items.close)
    trigger = soon(lambda: items.put(1))

    async def run() -> None:
        trigger()
        items.get()  # HERE

    return run


@blocks(
    "multiprocessing.AsyncResult.get",
    "multiprocessing.pool.Pool.map",
    "multiprocessing.pool.MapResult.get",
    "threading.Event.wait",
)
def pool_map() -> Run:
    """Wait for the results of a pool of processes."""
    pool = cleanup.enter_context(_FORK.Pool(1))

    async def run() -> None:
        pool.map(time.sleep, [0.05])  # HERE

    return run


@blocks("concurrent.futures.Future.result", "concurrent.futures._base.Future.result", "threading.Condition.wait")
def process_pool_result() -> Run:
    """Wait for the result of another process."""
    file = workdir() / "over"
    pool = cleanup.enter_context(ProcessPoolExecutor(1, mp_context=_FORK))
    future = pool.submit(wait_for_file, str(file))
    trigger = soon(file.touch)

    async def run() -> None:
        trigger()
        future.result()  # HERE

    return run
