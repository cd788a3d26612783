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

from ginger_async_safe.asgi import LeasedThreads

pytestmark = pytest.mark.asyncio

ident = sync_to_async(threading.get_ident)


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
