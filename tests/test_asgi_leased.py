"""LeasedThreads: one thread for the sync code of a request, kept for the next one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from _asgi import SECONDS, Client, exchange, http_scope, until
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async

from ginger_async_safe.asgi import LeasedThreads, workers

pytestmark = pytest.mark.asyncio

ident = sync_to_async(threading.get_ident)
name = sync_to_async(lambda: threading.current_thread().name)


async def test_one_thread_a_request_and_none_started() -> None:
    """The sync calls of one request have one thread, and a ThreadSensitiveContext inside starts no other."""
    requests: list[set[int]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async with ThreadSensitiveContext():
            requests.append({await ident(), await ident()})

    leased = LeasedThreads(application, threads=1)
    for _ in range(5):
        await exchange(leased)
    assert ([1] * 5, 1) == ([len(found) for found in requests], len(set.union(*requests)))


async def test_different_threads_at_once_and_bounded() -> None:
    """Requests at once have different threads, no more than there are, and further ones wait."""
    release = asyncio.Event()
    found: list[int] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found.append(await ident())
        await release.wait()

    leased = LeasedThreads(application, threads=3)
    tasks = [asyncio.create_task(exchange(leased)) for _ in range(8)]
    await until(lambda: 3 == len(found))
    assert (3, 5, 3) == (leased.stats().busy, leased.stats().queued, len(set(found)))
    release.set()
    await asyncio.gather(*tasks)
    assert (8, 3) == (len(found), len(set(found)))


@pytest.mark.parametrize("how", ["error", "cancel"])
async def test_lease_ends(how: str) -> None:
    """The thread comes back from a request that fails, and from one that is cancelled."""
    begun = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await ident()
        begun.set()
        if how == "error":
            raise LookupError("the application failed")
        await asyncio.Event().wait()

    leased = LeasedThreads(application, threads=1)
    client = Client()
    task = asyncio.create_task(leased(http_scope(), client.receive, client.send))
    await asyncio.wait_for(begun.wait(), SECONDS)
    if how == "cancel":
        task.cancel()
    with pytest.raises((LookupError, asyncio.CancelledError)):
        await task
    await until(lambda: 0 == leased.stats().busy)
    assert 1 == leased.stats().served


async def test_requests_queue_for_released_threads() -> None:
    """A thread that is given back while it waits for a call serves the next request, and one that queues already."""
    waits: list[asyncio.Event] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await ident()
        waits.append(asyncio.Event())
        await waits[-1].wait()
        await ident()

    leased = LeasedThreads(application, threads=1)
    first, second = (asyncio.create_task(exchange(leased)) for _ in range(2))
    await until(lambda: waits)
    assert (1, 1) == (leased.stats().busy, leased.stats().queued)
    waits[0].set()
    await first
    await until(lambda: 2 == len(waits))
    waits[1].set()
    await second
    await until(lambda: not leased.stats().busy)
    assert (1, 0, 2) == (leased.stats().idle, leased.stats().queued, leased.stats().served)
    third = asyncio.create_task(exchange(leased))
    await until(lambda: 3 == len(waits))
    waits[2].set()
    await third
    await until(lambda: 3 == leased.stats().served)


async def test_released_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that was given back ends when it has been idle for a while; one that a request still has does not."""
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.01)
    names: list[str] = []
    release = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        names.append(await name())
        if scope["path"] == "/stays":
            await release.wait()
            names.append(await name())

    leased = LeasedThreads(application, threads=2)
    stays = asyncio.create_task(exchange(leased, http_scope("/stays")))
    await until(lambda: names)
    for _ in range(3):
        await exchange(leased)
        await until(lambda: (1, 0) == (leased.stats().busy, leased.stats().idle))
    release.set()
    await stays
    assert (names[0], 5) == (names[-1], len(names))
    assert 4 == len(set(names))


@pytest.mark.parametrize("error", [LookupError, SystemExit, KeyboardInterrupt])
async def test_errors_of_calls(error: type[BaseException]) -> None:
    """What a call raises reaches who awaits it, and the thread lives on."""
    found: list[BaseException] = []

    def fail() -> None:
        raise error("the call failed")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        try:
            await sync_to_async(fail)()
        except BaseException as raised:  # noqa: BLE001 - it is looked at
            found.append(raised)
        await ident()

    await exchange(LeasedThreads(application, threads=1))
    assert [error] == [type(raised) for raised in found]


async def test_stop_iteration_of_a_call() -> None:
    """StopIteration, which no coroutine may raise, arrives as the cause of a RuntimeError, instead of never."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(RuntimeError, match="raised StopIteration") as error:
            await asyncio.wait_for(sync_to_async(next)(iter(())), SECONDS)
        assert isinstance(error.value.__cause__, StopIteration)

    await exchange(LeasedThreads(application))


async def test_cancelled_call() -> None:
    """A call that is cancelled before its thread got to it is not made; the ones after it are."""
    release = threading.Event()
    made: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        loop = asyncio.get_running_loop()
        executor = SyncToAsync.context_to_thread_executor[SyncToAsync.thread_sensitive_context.get()]
        first = loop.run_in_executor(executor, release.wait, SECONDS)
        second = loop.run_in_executor(executor, made.append, "second")
        third = loop.run_in_executor(executor, made.append, "third")
        second.cancel()
        release.set()
        await asyncio.gather(first, third)
        with pytest.raises(asyncio.CancelledError):
            await second

    await exchange(LeasedThreads(application))
    assert ["third"] == made


async def test_task_that_outlives_its_request() -> None:
    """Its thread belongs to another request by then: it gets an error that says so."""
    tasks: list[asyncio.Task[Any]] = []
    over = asyncio.Event()

    async def late() -> None:
        await over.wait()
        await ident()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        tasks.append(asyncio.create_task(late()))
        await ident()

    await exchange(LeasedThreads(application))
    over.set()
    with pytest.raises(RuntimeError, match=r"(leased this thread has ended|ThreadSensitiveContext has exited)"):
        await tasks[0]


async def test_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no thread the call raises, and a later one in the same request is made."""
    answers: list[str] = []

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                await name()
        answers.append(await name())

    await exchange(LeasedThreads(application))
    assert ["leased thread 1"] == answers


async def test_database_connection_lives_on() -> None:
    """A connection in a thread-local variable is there for the next request."""
    local = threading.local()
    made: list[sqlite3.Connection] = []

    def query() -> Any:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(":memory:", check_same_thread=False)  # closed below
            made.append(local.connection)
        return local.connection.execute("SELECT 1").fetchone()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert (1,) == await sync_to_async(query)()

    leased = LeasedThreads(application, threads=2)
    for _ in range(3):
        await asyncio.gather(*(exchange(leased) for _ in range(6)))
    for connection in made:
        connection.close()
    assert 1 <= len(made) <= 2


PROJECT = """
import asyncio, sys, threading
import FRAMEWORK
from FRAMEWORK.conf import settings
from FRAMEWORK.http import HttpResponse
from FRAMEWORK.urls import path
from FRAMEWORK.core.asgi import get_asgi_application
from FRAMEWORK.core.wsgi import get_wsgi_application
from _asgi import exchange, http_scope
from ginger_async_safe.asgi import ASGIHandler, LeasedThreads


def sync_view(request):
    return HttpResponse(threading.current_thread().name)


async def async_view(request):
    return HttpResponse("async")


urlpatterns = [path("sync", sync_view), path("async", async_view)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", MIDDLEWARE=[], USE_TZ=True)
asynchronous, wsgi = LeasedThreads(get_asgi_application(), threads=1), ASGIHandler(get_wsgi_application(), threads=1)
started = []
start = threading.Thread.start
threading.Thread.start = lambda thread: (started.append(thread.name), start(thread))[1]


async def main():
    for application in (asynchronous, wsgi):
        await exchange(application, http_scope("/sync"))
        started.clear()
        for _ in range(5):
            for name in ("/sync", "/async"):
                client = await exchange(application, http_scope(name))
                print(client.status, client.body.decode())
        print(len(started))


asyncio.run(main())
"""


@pytest.mark.parametrize("framework", ["gingerdj", "django"])
async def test_framework(framework: str, tmp_path: Path) -> None:
    """GingerDJ and Django serve sync and async views in leased threads, and start none once they are warm."""
    pytest.importorskip(framework)
    program = tmp_path / "project.py"
    program.write_text(PROJECT.replace("FRAMEWORK", framework), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    output, errors = await asyncio.wait_for(process.communicate(), 3 * SECONDS)
    once = [*["200 leased thread 1", "200 async"] * 5, "0"]
    assert (once * 2, 0) == (output.decode().splitlines(), process.returncode), errors.decode()


async def test_websockets_take_no_thread() -> None:
    """A websocket is handed on without a lease, so that those which stay do not take the threads of requests."""
    seen: list[bool] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(SyncToAsync.thread_sensitive_context.get(None) is None)

    handler = LeasedThreads(application, threads=1)
    await handler({"type": "websocket"}, Client().receive, Client().send)
    assert ([True], 0) == (seen, handler.stats().busy)
