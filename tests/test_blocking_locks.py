"""Locks: the project's own are violations if held, and those inside of libraries if they are waited for."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import io
import logging
import multiprocessing
import queue
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import _guarding
import pytest
from _guarding import called_in_task, violation_of
from _running import TIMEOUT

from ginger_async_safe import guard_blocking_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _guarded() -> Iterator[None]:
    with guard_blocking_calls():
        yield


@contextmanager
def held_elsewhere(lock: Any) -> Iterator[None]:
    """Hold a lock in another thread during the block."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            done.wait(TIMEOUT)

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(TIMEOUT)
    try:
        yield
    finally:
        done.set()
        thread.join()


def an_event() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return an event's lock, and the calls that acquire it."""
    one: Any = threading.Event()
    return one._cond, {"threading.Event.set": one.set, "threading.Event.clear": one.clear}


def a_semaphore() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a semaphore."""
    one: Any = threading.Semaphore()
    return one._cond, {"threading.Semaphore.release": one.release}


def a_barrier() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a barrier."""
    one: Any = threading.Barrier(2)
    return one._cond, {"threading.Barrier.reset": one.reset}


def a_queue() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a queue."""
    one: queue.Queue[int] = queue.Queue()
    for number in range(9):
        one.put(number)
    return one.mutex, {
        "queue.Queue.task_done": one.task_done,
        "queue.Queue.qsize": one.qsize,
        "queue.Queue.get_nowait": one.get_nowait,
        "queue.Queue.put_nowait": lambda: one.put_nowait(1),
    }


def a_future() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a future."""
    one: Any = concurrent.futures.Future()
    calls = {
        "done": one.done,
        "running": one.running,
        "cancel": one.cancel,
        "add_done_callback": lambda: one.add_done_callback(print),
        "set_result": lambda: one.set_result(1),
    }
    return one._condition, {f"concurrent.futures.Future.{name}": call for name, call in calls.items()}


def a_handler_of_logs() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a handler of log records."""
    one = logging.StreamHandler(io.StringIO())
    log = logging.Logger("shop")  # noqa: LOG001 - no logger of the process keeps it
    log.addHandler(one)
    return one.lock, {"logging.Logger.warning": lambda: log.warning("it is late")}


def an_event_of_processes() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of an event that processes share."""
    one: Any = multiprocessing.get_context("fork").Event()
    return one._cond, {"multiprocessing.synchronize.Event.set": one.set}


def a_value_of_processes() -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the lock, and the calls that acquire it, of a number that processes share, for which code is generated."""
    one: Any = multiprocessing.get_context("fork").Value("i", 1)
    return one.get_lock(), {"multiprocessing.Lock": lambda: one.value}


MAKERS = [
    *(an_event, a_semaphore, a_barrier, a_queue, a_future, a_handler_of_logs, an_event_of_processes),
    a_value_of_processes,
]


@pytest.mark.parametrize("made", MAKERS)
def test_inside_of_library(made: Callable[[], tuple[Any, dict[str, Callable[[], object]]]]) -> None:
    """A call that waits long for a lock inside of a library is stopped, under its own name."""
    lock, calls = made()
    with held_elsewhere(lock):
        violations = {name: violation_of(call) for name, call in calls.items()}
    assert {name: name for name in calls} == {name: each.call for name, each in violations.items()}
    for each in violations.values():
        assert each.called_at is not None
        assert each.called_at.file in {__file__, _guarding.__file__}


def test_inside_of_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that waits for a lock inside of an installed package is, too."""
    package = tmp_path / "site-packages" / "metered.py"
    package.parent.mkdir()
    package.write_text(
        "import threading\nlock = threading.Lock()\nclass Counter:\n    def inc(self):\n        self._add()\n"
        "    def _add(self):\n        with lock:\n            pass\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(package.parent))
    metered = importlib.import_module("metered")
    counter = metered.Counter()
    with held_elsewhere(metered.lock):
        violation = violation_of(counter.inc)
    called_in_task(counter.inc)
    assert "metered.Counter.inc" == violation.call
    assert "first party" == violation.owner


def test_own() -> None:
    """A lock that the project acquires is a violation at once, under the name of its type, also through a condition."""
    lock, reentrant, condition = threading.Lock(), threading.RLock(), threading.Condition()
    of_processes = multiprocessing.get_context("fork").Lock()

    def enter(one: Any) -> None:
        with one:
            pass

    def enter_later(one: Any) -> None:
        with ExitStack() as stack:
            stack.enter_context(one)

    seen = {}
    for name, one in [("Lock", lock), ("RLock", reentrant), ("Condition", condition)]:
        with held_elsewhere(one):
            seen[name] = {violation_of(enter, one).call, violation_of(enter_later, one).call}
    with held_elsewhere(condition):
        seen["Condition.acquire"] = {violation_of(condition.acquire).call}
    with held_elsewhere(of_processes):
        seen["process"] = {violation_of(enter, of_processes).call, violation_of(of_processes.acquire).call}
    assert {
        "Lock": {"threading.Lock"},
        "RLock": {"threading.RLock"},
        "Condition": {"threading.Condition"},
        "Condition.acquire": {"threading.RLock"},
        "process": {"multiprocessing.Lock"},
    } == seen


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_never_at_random(workers: int) -> None:
    """Setting an event that threads wait for and clear is never stopped."""
    event = threading.Event()
    is_over: list[bool] = []

    def wait() -> None:
        while not is_over:
            event.wait(TIMEOUT)
            event.clear()

    threads = [threading.Thread(target=wait) for _ in range(workers)]
    for each in threads:
        each.start()

    async def main() -> None:
        for _ in range(20_000):
            event.set()

    try:
        asyncio.run(main())
    finally:
        is_over.append(True)
        while any(each.is_alive() for each in threads):
            event.set()


def test_never_at_random_of_futures() -> None:
    """Neither is reading the state of futures that threads set, nor adding to a queue that they empty."""
    pool = concurrent.futures.ThreadPoolExecutor(2)
    items: queue.Queue[int] = queue.Queue()
    taker = threading.Thread(target=lambda: all(number >= 0 for number in iter(items.get, -1)))
    taker.start()

    async def main() -> None:
        for number in range(1_000):
            future = pool.submit(int)
            future.add_done_callback(str)
            items.put_nowait(number)
            future.done()
            items.qsize()
        items.put_nowait(-1)

    try:
        asyncio.run(main())
    finally:
        taker.join()
        pool.shutdown()
