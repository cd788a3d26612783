"""``guard_blocking_calls``: what nobody marked is guarded while it is on, and everything is as it was afterwards."""

# ruff: noqa: ASYNC221, ASYNC251, PTH100 - blocking calls in async functions are what is tested

from __future__ import annotations

import asyncio
import importlib
import os
import queue
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import listening
from _running import in_new_process

from ginger_async_safe import (
    BlockingCall,
    ConfigurationError,
    SynchronousOnlyOperation,
    allow_async_unsafe,
    configure,
    guard_blocking_calls,
)
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.blocking.targets import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _running import OnLoop


@pytest.fixture(scope="class")
def _guarded() -> Iterator[None]:
    with guard_blocking_calls():
        yield


def stopped(on_loop: OnLoop, call: Callable[[], object]) -> str | None:
    """Return what a call in a task is stopped as, or ``None`` where it runs."""

    async def main() -> str | None:
        try:
            call()
        except SynchronousOnlyOperation as error:
            assert error.violation is not None
            return error.violation.call
        return None

    result: str | None = on_loop(main)
    return result


class Things:
    """What calls need: made before the guard is on."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "books.csv"
        self.path.write_text("Kindred\n" * 10_000, encoding="utf-8")
        self.file = self.path.open(encoding="utf-8")
        self.database = sqlite3.connect(directory / "shop.sqlite3", check_same_thread=False)
        self.held = threading.Lock()
        self.held.acquire()
        self.free = threading.Lock()
        self.happened = threading.Event()
        self.happened.set()
        self.left, self.right = socket.socketpair()

    def close(self) -> None:
        """Close what has to be."""
        self.file.close()
        self.database.close()
        self.left.close()
        self.right.close()


@pytest.fixture
def things(tmp_path: Path) -> Iterator[Things]:
    """A file, a database, locks and sockets."""
    made = Things(tmp_path)
    yield made
    made.close()


def try_to_get(empty: queue.Queue[int]) -> None:
    """Ask an empty queue, without waiting."""
    with suppress(queue.Empty):
        empty.get_nowait()


def with_(manager: Any) -> None:
    """Enter and leave a context manager."""
    with manager:
        pass


BLOCKING: dict[str, tuple[str, Callable[[Things], object]]] = {
    "sleep": ("time.sleep", lambda _: time.sleep(0.01)),
    "open": ("file.open", lambda things: things.path.open().close()),
    "iterate over a text file": ("file.read", lambda things: next(things.file)),
    "stat": ("os.stat", lambda things: things.path.stat()),
    "execute": ("sqlite3.execute", lambda things: things.database.execute("SELECT 1")),
    "commit by with": ("sqlite3.commit", lambda things: with_(things.database)),
    "contended lock": ("threading.Lock", lambda things: things.held.acquire(timeout=0.1)),
    "contended lock by with": ("threading.Lock", lambda things: with_(things.held)),
    "event": ("threading.Event.wait", lambda _: threading.Event().wait(0.01)),
    "queue": ("queue.Queue.get", lambda _: queue.Queue[int]().get(timeout=0.01)),
    "simple queue": ("queue.SimpleQueue.get", lambda _: queue.SimpleQueue[int]().get(timeout=0.01)),
    "socket": ("socket.recv", lambda things: things.left.recv(1)),
    "subprocess": ("subprocess.run", lambda _: subprocess.run(["true"], check=False)),
    "name server": ("socket.getaddrinfo", lambda _: socket.getaddrinfo("localhost", 80)),
}
SAFE: dict[str, Callable[[Things], object]] = {
    "free lock": lambda things: with_(things.free),
    "lock that is tried": lambda things: things.held.acquire(blocking=False),
    "event that is set": lambda things: things.happened.wait(),
    "empty queue that is tried": lambda _: try_to_get(queue.Queue[int]()),
    "no sleep": lambda _: time.sleep(0),
    "printing": lambda _: print("Kindred"),  # noqa: T201 - that is what is tested
    "printing at once": lambda _: print("Kindred", flush=True),  # noqa: T201 - the same
    "import": lambda _: importlib.import_module("wave"),
    "path arithmetic": lambda things: os.path.abspath(things.path),
    "starting a thread": lambda _: threading.Thread(target=int).start(),
}


@pytest.mark.usefixtures("_guarded")
class TestCalls:
    """What is stopped on each loop, and what is not."""

    @pytest.mark.parametrize("name", BLOCKING)
    def test_stopped(self, on_loop: OnLoop, things: Things, name: str) -> None:
        """A call that would wait is stopped, and named by its rule."""
        rule, call = BLOCKING[name]
        assert rule == stopped(on_loop, lambda: call(things))

    @pytest.mark.parametrize("name", SAFE)
    def test_safe(self, on_loop: OnLoop, things: Things, name: str) -> None:
        """A call that would not wait runs."""
        assert stopped(on_loop, lambda: SAFE[name](things)) is None

    @pytest.mark.parametrize("name", sorted(set(BLOCKING) - {"contended lock by with", "socket"}))
    def test_in_a_worker_thread(self, things: Things, name: str) -> None:
        """In a thread beside the loop everything runs."""

        async def main() -> None:
            with suppress(queue.Empty):  # so it has waited
                await asyncio.to_thread(BLOCKING[name][1], things)

        asyncio.run(main())

    def test_machinery(self, on_asyncio_loop: OnLoop) -> None:
        """What a loop does for itself is never a violation."""

        async def main() -> None:
            process = await asyncio.create_subprocess_exec("true")
            await process.wait()
            loop = asyncio.get_running_loop()
            await loop.getaddrinfo("localhost", 80)
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
            host, port = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port)
            assert b"" == await reader.read()
            writer.close()
            server.close()
            await server.wait_closed()

        with listening() as heard:
            on_asyncio_loop(main)
        assert [] == heard

    def test_report(self) -> None:
        """The report names the line, and async code's own way where the async function makes the call itself."""

        async def main() -> None:
            time.sleep(0.01)

        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(main())
        violation = caught.value.violation
        assert violation is not None
        assert violation.made_at is not None
        assert main.__code__.co_firstlineno + 1 == violation.made_at.line
        assert "await asyncio.sleep(...)" == violation.mend

    def test_one_report(self) -> None:
        """What a guarded call does further down is not reported again, where it is let run."""
        configure(policy="ignore")
        with listening() as heard:
            assert stopped(asyncio_run, lambda: subprocess.run(["true"], check=True)) is None
        assert ["subprocess.run"] == [violation.call for violation in heard]

    def test_grants(self) -> None:
        """A grant allows it, and all that it does further down."""

        async def main() -> None:
            with allow_async_unsafe(reason="old", calls="subprocess.run"):
                subprocess.run(["true"], check=True)

        with listening() as heard:
            asyncio.run(main())
        assert [] == heard

    def test_trio_imported_later(self) -> None:
        """Checks that were made before trio was imported hold on trio."""
        assert in_new_process("""
            import json, subprocess, time
            from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls
            guard_blocking_calls()
            import trio

            async def main():
                found = []
                for call in (lambda: time.sleep(0.01), lambda: subprocess.run(["true"])):
                    try:
                        call()
                    except SynchronousOnlyOperation as error:
                        found.append(error.violation.call)
                return found

            print(json.dumps(trio.run(main)))
        """) == ["time.sleep", "subprocess.run"]


def asyncio_run(main: Callable[[], Any]) -> Any:
    """Run a coroutine function on asyncio."""
    return asyncio.run(main())


class TestChoosing:
    """Which rules there are."""

    @pytest.mark.parametrize("pattern", ["no.such.rule", "time.slep"])
    def test_unknown_rules(self, pattern: str) -> None:
        """A pattern that leaves nothing out is a mistake."""
        with pytest.raises(ConfigurationError, match="matches no rule; `ginger-async-safe rules` lists them"):
            guard_blocking_calls(without=pattern)

    @pytest.mark.parametrize("target", ["sleep", "time.", "time sleep", ""])
    def test_bad_targets(self, target: str) -> None:
        """A rule's target is a dotted name."""
        with pytest.raises(ConfigurationError, match="is no target of a blocking call; write module and name"):
            BlockingCall(target)


STDLIB = [
    "concurrent.futures.process",
    "concurrent.futures.thread",
    "fcntl",
    "ftplib",
    "http.client",
    "imaplib",
    "logging.handlers",
    "mmap",
    "multiprocessing.connection",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "multiprocessing.synchronize",
    "poplib",
    "select",
    "signal",
    "smtplib",
    "ssl",
    "urllib.request",
    "xmlrpc.client",
]


class TestRules:
    """The rules themselves."""

    def test_each_says_why(self) -> None:
        """Each row has a category and a reason."""
        assert [] == [rule.target for rule in RULES if not rule.reason or rule.category == "other"]

    def test_targets(self) -> None:
        """A target in the standard library leads to something; what is gone in a newer version is none."""
        for module in STDLIB:
            importlib.import_module(module)
        stdlib = [rule.target for rule in RULES if rule.target.partition(".")[0] in sys.stdlib_module_names]
        gone = {target for target in stdlib if resolve(target) is None}
        assert {"select.kqueue.control"} == gone
