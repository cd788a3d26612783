"""Blocking calls in worker threads, however the threads are started: no loop is blocked."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import logging
import logging.handlers
import os
import queue
import sqlite3
import subprocess
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING

from corpus.helpers import http_server, ready_anyio
from corpus.scenario import ASYNCIO, cleanup, safe, workdir

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run


_anyio = ready_anyio()


def _much() -> str:
    """Make many blocking calls."""
    time.sleep(0.001)
    path = workdir() / f"text-{threading.get_ident()}"  # a file of its own: other threads do the same at the same time
    path.write_text("one\n", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        lines = list(file)
    subprocess.run(["true"], check=True)
    connection = sqlite3.connect(workdir() / f"database-{threading.get_ident()}")
    connection.execute("SELECT 1").fetchall()
    connection.close()
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=0.001)
    os.stat(path)  # noqa: PTH116 - by its own name
    return lines[0]


async def _until(done: Callable[[], bool]) -> None:
    """Wait, on any loop, until a condition is true."""
    for _ in range(2000):
        if done():
            return
        await _anyio.sleep(0.005)
    raise TimeoutError


@safe(loops=ASYNCIO)
def to_thread() -> Run:
    """Block in ``asyncio.to_thread``."""

    async def run() -> None:
        assert "one\n" == await asyncio.to_thread(_much)

    return run


@safe(loops=ASYNCIO)
def sleep_itself_in_thread() -> Run:
    """Pass a builtin to a thread, without a function around it."""

    async def run() -> None:
        await asyncio.to_thread(time.sleep, 0.001)
        await asyncio.get_running_loop().run_in_executor(None, functools.partial(time.sleep, 0.001))

    return run


@safe(loops=ASYNCIO)
def run_in_executor() -> Run:
    """Block in a pool of the program's own."""
    pool = cleanup.enter_context(concurrent.futures.ThreadPoolExecutor(2))

    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert ["one\n"] * 4 == await asyncio.gather(*(loop.run_in_executor(pool, _much) for _ in range(4)))

    return run


@safe(loops=ASYNCIO)
def submit_and_wrap() -> Run:
    """Submit to a pool, and await the future."""
    pool = cleanup.enter_context(concurrent.futures.ThreadPoolExecutor(1))

    async def run() -> None:
        assert "one\n" == await asyncio.wrap_future(pool.submit(_much))

    return run


@safe()
def plain_thread() -> Run:
    """Start a thread from a task, and do not wait for it."""
    seen: list[str] = []

    async def run() -> None:
        threading.Thread(target=lambda: seen.append(_much())).start()
        await _until(lambda: bool(seen))

    return run


@safe()
def thread_with_copied_context() -> Run:
    """Run a thread in a copy of the task's context."""
    seen: list[str] = []

    async def run() -> None:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(lambda: seen.append(_much()),)).start()
        await _until(lambda: bool(seen))

    return run


@safe()
def thread_started_by_thread() -> Run:
    """Start a thread from a thread from a task."""
    seen: list[str] = []

    def outer() -> None:
        inner = threading.Thread(target=lambda: seen.append(_much()))
        inner.start()
        inner.join()

    async def run() -> None:
        threading.Thread(target=outer).start()
        await _until(lambda: bool(seen))

    return run


@safe()
def timer() -> Run:
    """Let a timer's thread block."""
    seen: list[str] = []

    async def run() -> None:
        threading.Timer(0.001, lambda: seen.append(_much())).start()
        await _until(lambda: bool(seen))

    return run


@safe()
def anyio_to_thread() -> Run:
    """Block in anyio's threads."""
    ready_anyio()
    to_thread = import_module("anyio.to_thread")

    async def run() -> None:
        assert "one\n" == await to_thread.run_sync(_much)

    return run


@safe(loops=("trio",))
def trio_to_thread() -> Run:
    """Block in trio's threads."""
    trio = import_module("trio")

    async def run() -> None:
        assert "one\n" == await trio.to_thread.run_sync(_much)

    return run


@safe(loops=("trio",))
def trio_from_thread() -> Run:
    """Wait in a thread for what runs on trio's loop."""
    trio = import_module("trio")

    async def run() -> None:
        await trio.to_thread.run_sync(trio.from_thread.run, trio.sleep, 0.01)

    return run


@safe(loops=ASYNCIO)
def sync_to_async() -> Run:
    """Block in asgiref's threads."""
    asgiref = import_module("asgiref.sync")

    async def run() -> None:
        assert "one\n" == await asgiref.sync_to_async(_much)()
        assert "one\n" == await asgiref.sync_to_async(_much, thread_sensitive=False)()

    return run


@safe(loops=ASYNCIO)
def loop_in_another_thread() -> Run:
    """Wait in a thread for a coroutine on the loop."""

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def trigger() -> int:
            return asyncio.run_coroutine_threadsafe(asyncio.sleep(0.01, 5), loop).result(5)

        assert 5 == await asyncio.to_thread(trigger)

    return run


@safe(loops=ASYNCIO)
def loop_that_ended_in_the_same_thread() -> Run:
    """Block in a thread where a loop ran, after it ended."""

    def work() -> str:
        asyncio.run(asyncio.sleep(0.001))
        return _much()

    async def run() -> None:
        assert "one\n" == await asyncio.to_thread(work)

    return run


@safe()
def log_by_queue() -> Run:
    """Log to a queue, which a thread writes to a file."""
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    file = logging.FileHandler(workdir() / "log", encoding="utf-8")
    cleanup.callback(file.close)
    listener = logging.handlers.QueueListener(records, file)  # type: ignore[arg-type, unused-ignore]
    listener.start()
    cleanup.callback(listener.stop)
    logger = logging.getLogger("corpus")
    logger.propagate = False
    logger.addHandler(logging.handlers.QueueHandler(records))  # type: ignore[arg-type, unused-ignore]

    async def run() -> None:
        for number in range(100):
            logger.warning("line %d", number)
        await _until(records.empty)

    return run


@safe(loops=ASYNCIO, needs=("requests",))
def client_in_thread() -> Run:
    """Use a sync client in a thread."""
    requests, url = import_module("requests"), f"http://127.0.0.1:{http_server()}/"

    async def run() -> None:
        answer = await asyncio.to_thread(requests.get, url, timeout=5)
        assert 200 == answer.status_code

    return run


@safe()
def forked_child() -> Run:
    """Block in a child of the process, which has no loop."""
    workdir()  # otherwise the child would create one, and not remove it
    multiprocessing = import_module("multiprocessing")
    child = multiprocessing.get_context("fork").Process(target=_much)
    child.start()
    cleanup.callback(child.join)

    async def run() -> None:
        await _until(lambda: child.exitcode == 0)

    return run


@safe()
def before_and_after_the_loop() -> Run:
    """Block before there is a loop, while there is one elsewhere, and prepare nothing on it."""
    _much()
    seen: list[str] = []

    def worker() -> None:
        for _ in range(3):
            seen.append(_much())  # noqa: PERF401 - one at a time, as they come

    thread = threading.Thread(target=worker)
    thread.start()
    cleanup.callback(thread.join)

    async def run() -> None:
        await _until(lambda: len(seen) == 3)

    return run
