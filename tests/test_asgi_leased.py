"""LeasedThreads: one thread for the sync code of a request, which the next request uses again."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from _asgi import SECONDS, Client, exchange, http_scope, until
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, async_to_sync, sync_to_async

from ginger_async_safe.asgi import ASGIHandler, LeasedThreads, holdings, lease, workers

pytestmark = pytest.mark.asyncio

ident = sync_to_async(threading.get_ident)
name = sync_to_async(lambda: threading.current_thread().name)


async def test_one_thread_a_request_and_none_started() -> None:
    """The sync calls of one request share a thread, and a ThreadSensitiveContext inside does not start another one."""
    requests: list[set[int]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async with ThreadSensitiveContext():
            requests.append({await ident(), await ident()})

    leased = LeasedThreads(application, threads=1)
    for _ in range(5):
        await exchange(leased)
    assert ([1] * 5, 1) == ([len(found) for found in requests], len(set.union(*requests)))


async def test_different_threads_at_once_and_bounded() -> None:
    """Simultaneous requests have different threads, up to the limit, and further ones wait."""
    release = asyncio.Event()
    found: list[int] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found.append(await ident())
        await release.wait()

    leased = LeasedThreads(application, threads=3, keep_thread=True)
    tasks = [asyncio.create_task(exchange(leased)) for _ in range(8)]
    await until(lambda: 3 == len(found))
    assert (3, 5, 3) == (leased.stats().busy, leased.stats().queued, len(set(found)))
    release.set()
    await asyncio.gather(*tasks)
    assert (8, 3) == (len(found), len(set(found)))


async def test_more_threads_where_requests_wait() -> None:
    """Waiting requests get up to 40 threads, alone and beside a handler; ``threads`` is never exceeded."""
    release = threading.Event()
    begun: dict[str, list[int]] = {"alone": [], "beside": [], "bounded": []}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        def wait() -> None:
            begun[scope["path"]].append(threading.get_ident())
            release.wait(SECONDS)

        await sync_to_async(wait)()

    beside = LeasedThreads(application)
    beside.share_threads_of(ASGIHandler(lambda *_: []))
    applications = {
        "alone": LeasedThreads(application),
        "beside": beside,
        "bounded": LeasedThreads(application, threads=2),
    }
    tasks = [
        asyncio.create_task(exchange(leased, http_scope(path)))
        for path, leased in applications.items()
        for _ in range(42)
    ]
    await until(lambda: (40, 40) == (len(begun["alone"]), len(begun["beside"])))
    assert [40, 40, 2] == [len(set(found)) for found in begun.values()]
    assert [2, 2, 40] == [leased.stats().queued for leased in applications.values()]
    release.set()
    await asyncio.gather(*tasks)
    assert [42, 42, 42] == [len(found) for found in begun.values()]


@pytest.mark.parametrize("how", ["error", "cancel"])
async def test_lease_ends(how: str) -> None:
    """The thread of a request that fails, or is cancelled, is free again."""
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
    """A thread that is given back serves a request that waits in the queue, and a later one."""
    waits: list[asyncio.Event] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await ident()
        waits.append(asyncio.Event())
        await waits[-1].wait()
        await ident()

    leased = LeasedThreads(application, threads=1, keep_thread=True)
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
    """A thread that was given back ends after it has been idle for a while; one that a request has does not."""
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
    """An error of a call reaches the code that awaits it, and the thread is not affected."""
    found: list[BaseException] = []

    def fail() -> None:
        raise error("the call failed")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        try:
            await sync_to_async(fail)()
        except BaseException as raised:  # noqa: BLE001 - it is compared
            found.append(raised)
        await ident()

    await exchange(LeasedThreads(application, threads=1))
    assert [error] == [type(raised) for raised in found]


async def test_stop_iteration_of_a_call() -> None:
    """StopIteration, which no coroutine may raise, arrives as the cause of a RuntimeError."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(RuntimeError, match="raised StopIteration") as error:
            await asyncio.wait_for(sync_to_async(next)(iter(())), SECONDS)
        assert isinstance(error.value.__cause__, StopIteration)

    await exchange(LeasedThreads(application))


async def test_cancelled_call() -> None:
    """A call that is cancelled before its thread began it is not made; the next ones are."""
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
    """Its sync code still runs, as without the middleware, in a thread of its own, which no request has."""
    tasks: list[asyncio.Task[list[str]]] = []
    over = asyncio.Event()

    async def late() -> list[str]:
        names = [await name()]
        await over.wait()
        return [*names, await name(), await name()]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        tasks.append(asyncio.create_task(late()))
        await name()

    leased = LeasedThreads(application, threads=1)
    for _ in range(2):
        await exchange(leased)
    over.set()
    names = await asyncio.gather(*tasks)
    assert [("leased thread 1", 1)] * 2 == [(first, len({*others})) for first, *others in names]
    assert 3 == len({each for one in names for each in one})


async def test_call_of_a_lease_that_has_ended() -> None:
    """Calling a stored executor, which belongs to another request by then, raises an error that says so."""
    kept: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        kept.append(SyncToAsync.context_to_thread_executor[SyncToAsync.thread_sensitive_context.get()])

    await exchange(LeasedThreads(application))
    with pytest.raises(RuntimeError, match="leased this thread has ended"):
        kept[0].submit(print)


async def test_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system has no thread, the call raises an error, and a later one of the same request is made."""
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


async def test_database_connection_stays_open() -> None:
    """A connection in a thread-local variable is available to the next request."""
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


async def test_quiet_request_gives_its_thread_back() -> None:
    """If others wait, a request that makes no call for a while continues later in any free thread."""
    begun: list[str] = []
    release = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found = [await name(), await name()]
        begun.append(scope["path"])
        await release.wait()
        assert {"leased thread 1"} == {*found, await name()}

    leased = LeasedThreads(application, threads=1)
    tasks = [asyncio.create_task(exchange(leased, http_scope(f"/{number}"))) for number in range(50)]
    await until(lambda: 50 == len(begun))
    assert 0 == leased.stats().queued
    release.set()
    await asyncio.gather(*tasks)
    await until(lambda: not leased.stats().busy)
    assert (50, 0, 1) == (leased.stats().served, leased.stats().queued, leased.stats().idle)


async def test_thread_is_given_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """If others wait already, a thread is given back as soon as the loop shows that the request makes no other call."""
    monkeypatch.setattr(lease, "QUIET_SECONDS", 2 * SECONDS)
    begun: list[bool] = []
    release = asyncio.Event()
    others_wait = threading.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        begun.append(await sync_to_async(others_wait.wait)(SECONDS))
        await release.wait()

    leased = LeasedThreads(application, threads=1)
    tasks = [asyncio.create_task(exchange(leased)) for _ in range(50)]
    await until(lambda: 49 == leased.stats().queued)
    others_wait.set()
    await until(lambda: 50 == len(begun))
    release.set()
    await asyncio.gather(*tasks)


async def test_calls_in_a_row_have_one_thread() -> None:
    """Even if others wait, a request keeps its thread from one call to an immediate next one, also through tasks."""
    moved: list[bool] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found = {await ident()}
        for _ in range(5):
            found |= {*await asyncio.gather(ident(), ident())}
            found.add(await asyncio.create_task(ident()))
        moved.append(len(found) > 1)

    leased = LeasedThreads(application, threads=3)
    await asyncio.gather(*(exchange(leased) for _ in range(100)))
    assert [False] * 100 == moved


@pytest.mark.parametrize("ends", [False, True])
async def test_call_while_the_thread_is_given_back(ends: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call at the moment at which the thread is given back is made, and an end at that moment is the end."""
    loop = asyncio.get_running_loop()
    leaving, go_on = asyncio.Event(), threading.Event()

    def close_old_connections(_: Any) -> None:
        loop.call_soon_threadsafe(leaving.set)
        go_on.wait(SECONDS)

    monkeypatch.setattr(holdings.Holdings, "close_old_connections", close_old_connections)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await name()
        await name()
        await leaving.wait()
        if scope["path"] == "/first" and not ends:
            late = asyncio.ensure_future(name())
            await asyncio.sleep(0)
            go_on.set()
            await late

    leased = LeasedThreads(application, threads=1)
    first = asyncio.create_task(exchange(leased, http_scope("/first")))
    await until(lambda: leased.stats().busy)
    second = asyncio.create_task(exchange(leased))
    if ends:
        await first
        go_on.set()
    await asyncio.wait_for(asyncio.gather(first, second), SECONDS)
    await until(lambda: not leased.stats().busy)
    assert (2, 0) == (leased.stats().served, leased.stats().queued)


async def test_quiet_request_keeps_its_thread() -> None:
    """If no others wait, a request keeps its thread; with ``keep_thread``, even if others do."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found = {await name(), await name()}
        await asyncio.sleep(2 * lease.QUIET_SECONDS)
        assert {await name()} == found

    await asyncio.gather(*(exchange(LeasedThreads(application, threads=3)) for _ in range(3)))
    kept = LeasedThreads(application, threads=3, keep_thread=True)
    await asyncio.gather(*(exchange(kept) for _ in range(9)))


async def test_request_that_computes_keeps_its_thread() -> None:
    """A thread in which a call runs, however long, is not given to others, and neither is the next call."""
    release = threading.Event()
    order: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if path == "/long":
            await asyncio.gather(sync_to_async(release.wait)(SECONDS), sync_to_async(order.append)(path))
        await sync_to_async(order.append)(path)

    leased = LeasedThreads(application, threads=1)
    long = asyncio.create_task(exchange(leased, http_scope("/long")))
    await until(lambda: leased.stats().busy)
    short = asyncio.create_task(exchange(leased, http_scope("/short")))
    await until(lambda: leased.stats().queued)
    await asyncio.sleep(2 * lease.QUIET_SECONDS)  # long enough for a quiet request to give its thread back
    assert [] == order
    release.set()
    await asyncio.gather(long, short)
    assert ("/long", ["/long", "/long", "/short"]) == (order[0], sorted(order))


@pytest.mark.parametrize("responds", [False, True])
async def test_queue_timeout(responds: bool) -> None:
    """A request that waits longer for a thread gets a 503, unless its response has begun: then it continues to wait."""
    release = threading.Event()
    cleaned: list[str] = []
    ended: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if responds:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            await sync_to_async(release.wait)(SECONDS)
            ended.append(path)
        except asyncio.CancelledError:
            # Like closing a response: in a thread, although no code waits for the request any more.
            await sync_to_async(cleaned.append)(path)
            raise
        if not responds:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    leased = LeasedThreads(application, threads=1, queue_timeout=0.05)
    tasks = [asyncio.create_task(exchange(leased, http_scope("/first")))]
    await until(lambda: leased.stats().busy)
    tasks += [asyncio.create_task(exchange(leased, http_scope("/second"))) for _ in range(3)]
    if responds:
        await asyncio.sleep(0.2)  # four times as long
    else:
        await until(lambda: 3 == leased.stats().refused)
    release.set()
    first, *others = await asyncio.wait_for(asyncio.gather(*tasks), SECONDS)
    assert (200, b"done") == (first.status, first.body)
    if responds:
        assert ([200] * 3, 0, 4) == ([each.status for each in others], leased.stats().refused, len(ended))
    else:
        assert [503] * 3 == [each.status for each in others]
        assert {(b"retry-after", b"1")} <= {*others[0].headers}
        assert (["/first"], ["/second"] * 3) == (ended, cleaned)
    await until(lambda: not leased.stats().busy)
    assert (0, 4) == (leased.stats().queued, leased.stats().served)


async def test_queue_timeout_of_a_later_call() -> None:
    """It also applies to a request that had a thread, and has given it back."""
    release = threading.Event()
    ready = asyncio.Event()
    begun: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await name()
        begun.append(scope["path"])
        await ready.wait()
        await sync_to_async(release.wait)(SECONDS)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    leased = LeasedThreads(application, threads=1, queue_timeout=0.05)
    tasks = [asyncio.create_task(exchange(leased)) for _ in range(3)]
    await until(lambda: 3 == len(begun))
    ready.set()
    await until(lambda: 2 == leased.stats().refused)
    release.set()
    clients = await asyncio.wait_for(asyncio.gather(*tasks), SECONDS)
    assert [200, 503, 503] == sorted(each.status for each in clients)
    await until(lambda: not leased.stats().busy)
    assert (0, 3, 2) == (leased.stats().queued, leased.stats().served, leased.stats().refused)


async def test_application_that_answers_a_refusal() -> None:
    """An application that catches the cancellation of its call may send its own response."""
    release = threading.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        status = 200
        try:
            await sync_to_async(release.wait)(SECONDS)
        except asyncio.CancelledError:
            status = 429
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    leased = LeasedThreads(application, threads=1, queue_timeout=0.05)
    first = asyncio.create_task(exchange(leased))
    await until(lambda: leased.stats().busy)
    assert 429 == (await asyncio.wait_for(exchange(leased), SECONDS)).status
    release.set()
    assert 200 == (await first).status


@pytest.mark.parametrize("keep_thread", [False, True])
async def test_random_calls(keep_thread: bool) -> None:
    """Whatever 600 requests on 3 threads do, and whenever they disconnect: one call at a time, in order, and all are made."""
    chance = random.Random(16)

    async def back(here: int) -> bool:
        return here == await ident()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        running = 0
        made: list[int] = []

        def call(number: int) -> int:
            nonlocal running
            running += 1
            assert running == 1, "two calls of a request at a time"
            made.append(number)
            if number % 7 == 0:
                time.sleep(0.001)  # async-safe: allow[time.sleep] - in a thread
            if number % 5 == 0:
                assert async_to_sync(back)(threading.get_ident()), "a nested call in another thread"
            running -= 1
            return number

        number = 0
        for _ in range(chance.randrange(6)):
            count = chance.choice([1, 1, 1, 3])
            numbers = [*range(number, number + count)]
            number += count
            assert numbers == await asyncio.gather(*(sync_to_async(call)(each) for each in numbers))
            await asyncio.sleep(chance.choice([0, 0, 0, 0.001, 0.01]))
        assert [*range(number)] == made

    leased = LeasedThreads(application, threads=3, keep_thread=keep_thread)
    tasks = [asyncio.create_task(exchange(leased)) for _ in range(600)]
    await until(lambda: leased.stats().served > 20)
    leaving = [task for task in tasks if chance.random() < 0.2]
    for task in leaving:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=SECONDS)
    assert not late
    await asyncio.gather(*(task for task in tasks if task not in leaving))
    await until(lambda: not leased.stats().busy)
    assert 0 == leased.stats().queued
    assert {*range(1, 4)} >= {int(each.name.split()[-1]) for each in leased._pool.close()}


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
    """GingerDJ and Django serve sync and async views in leased threads, and start no threads after the first requests."""
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
    """A websocket is passed on without a lease, so that open websockets do not use the threads of requests."""
    seen: list[bool] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(SyncToAsync.thread_sensitive_context.get(None) is None)

    handler = LeasedThreads(application, threads=1)
    await handler({"type": "websocket"}, Client().receive, Client().send)
    assert ([True], 0) == (seen, handler.stats().busy)
