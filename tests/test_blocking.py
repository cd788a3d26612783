"""``guard_blocking_calls``: unmarked blocking calls are guarded while it is on, and everything is restored afterwards."""

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
from _running import in_new_process, nesting

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
    """Return the violation of a call in a task by its name, or ``None`` if it runs."""

    async def main() -> str | None:
        try:
            call()
        except SynchronousOnlyOperation as error:
            assert error.violation is not None  # noqa: PT017 - it may also raise nothing
            return error.violation.call
        return None

    result: str | None = on_loop(main)
    return result


class Things:
    """Objects that the calls need, created before the guard is on."""

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
        """Close those that have to be closed."""
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
    """Get from an empty queue without waiting."""
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
    "printing": lambda _: print("Kindred"),  # noqa: T201 - printing is what is tested
    "printing at once": lambda _: print("Kindred", flush=True),  # noqa: T201 - as above
    "import": lambda _: importlib.import_module("wave"),
    "path arithmetic": lambda things: os.path.abspath(things.path),
    "starting a thread": lambda _: threading.Thread(target=int).start(),
}


@pytest.mark.usefixtures("_guarded")
class TestCalls:
    """Calls that are stopped on each loop, and calls that are not."""

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
        """In a worker thread every call runs."""

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
        """The report names the line, and the async fix if the async function makes the call itself."""

        async def main() -> None:
            time.sleep(0.01)

        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(main())
        violation = caught.value.violation
        assert violation is not None
        assert violation.called_at is not None
        assert main.__code__.co_firstlineno + 1 == violation.called_at.line
        assert "await asyncio.sleep(...)" == violation.fix

    def test_one_report(self) -> None:
        """Calls within an allowed guarded call are not reported again."""
        configure(policy="ignore")
        with listening() as heard:
            assert stopped(asyncio_run, lambda: subprocess.run(["true"], check=True)) is None
        assert ["subprocess.run"] == [violation.call for violation in heard]

    def test_grants(self) -> None:
        """A grant allows a call, and all calls inside it."""

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

    @nesting
    def test_nested_loops(self, nesting: str) -> None:
        """In a loop that is run inside itself, calls of its tasks are stopped, and its own are not."""
        assert ["time.sleep", "time.sleep"] == in_new_process(f"""
            import asyncio, json, time, warnings
            import {nesting} as nest_asyncio
            from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls

            def stopped():
                try:
                    time.sleep(.01)
                except SynchronousOnlyOperation as error:
                    return error.violation.call

            async def inner():
                await asyncio.sleep(.01)
                return stopped()

            async def main():
                return [asyncio.get_running_loop().run_until_complete(inner()), stopped()]

            loop = asyncio.new_event_loop()
            nest_asyncio.apply(loop)
            with guard_blocking_calls():
                print(json.dumps(loop.run_until_complete(main())))
            loop.close()
        """)


def asyncio_run(main: Callable[[], Any]) -> Any:
    """Run a coroutine function on asyncio."""
    return asyncio.run(main())


class TestChoosing:
    """Choosing the rules."""

    @pytest.mark.parametrize("pattern", ["no.such.rule", "time.slep"])
    def test_unknown_rules(self, pattern: str) -> None:
        """A pattern that matches no rule is refused."""
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

NEW = {
    (3, 11): ("sqlite3.Blob.", "sqlite3.Connection.blobopen", "sqlite3.Connection.serialize"),
    (3, 14): ("concurrent.interpreters.", "os.readinto", "sys.remote_exec"),
    (3, 15): ("os.statx", "threading._concurrent_tee.", "threading.serialize_iterator."),
}
"""Prefixes of targets that exist only from a version on."""


class TestRules:
    """The rules themselves."""

    def test_each_says_why(self) -> None:
        """Each row has a category and a reason."""
        assert [] == [rule.target for rule in RULES if not rule.reason or rule.category == "other"]

    def test_targets(self) -> None:
        """Each target in the standard library exists, except those of other versions."""
        for module in STDLIB:
            importlib.import_module(module)
        if sys.version_info >= (3, 14):
            importlib.import_module("concurrent.interpreters")
        later = tuple(name for version, names in NEW.items() if sys.version_info < version for name in names)
        stdlib = [rule for rule in RULES if rule.target.partition(".")[0] in sys.stdlib_module_names]
        gone = {rule.target for rule in stdlib if resolve(rule.target) is None}
        assert gone == {rule.target for rule in stdlib if rule.target.startswith(("select.kqueue.control", *later))}
        assert gone <= {rule.target for rule in stdlib if rule.is_optional}
