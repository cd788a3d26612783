"""Leased threads of ASGIHandler: contexts, async code inside, event loops, forks, and how threads end."""

from __future__ import annotations

import asyncio
import contextvars
import faulthandler
import gc
import os
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import PLAIN, SECONDS, Client, answering, exchange, held, http_scope, until
from asgiref.local import Local
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe.asgi import ASGIHandler, workers
from ginger_async_safe.asgi.loop_call_queue import call_queue_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from _asgi import Environ

again = answering([b"again"])


@pytest.fixture(autouse=True)
def _watchdog() -> Iterator[None]:
    """Print where every thread is if a test hangs."""
    faulthandler.dump_traceback_later(5 * SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, or fail after a time limit."""
    return asyncio.run(asyncio.wait_for(main, SECONDS))


# The pool


def test_idle_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread without work ends after a while, and a new one starts when there is work again."""
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.01)
    handler = ASGIHandler(again)

    async def main() -> None:
        for _ in range(3):
            assert b"again" == (await exchange(handler)).body
            await until(lambda: 0 == handler.stats().idle)

    run(main())
    assert 3 == handler.stats().served


def test_threads_are_named() -> None:
    """A leased thread has a name that says what it is."""

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response("200 OK", PLAIN)
        return [threading.current_thread().name.encode()]

    handler = ASGIHandler(application)
    assert b"leased thread 1" == run(exchange(handler)).body


def test_idle_threads_end_although_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a burst, threads that the load no longer needs end, although the load continues."""
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.2)
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun, b"again"), threads=4)

    async def main() -> None:
        burst = [asyncio.create_task(exchange(handler)) for _ in range(4)]
        await until(lambda: 4 == len(begun))
        release.set()
        await asyncio.gather(*burst)

        while 1 < handler.stats().idle:
            await exchange(handler)
            await until(lambda: handler._pool.is_idle)  # otherwise the next request would get another thread

    run(main())
    assert len(begun) == handler.stats().served


def test_bursts_in_turn() -> None:
    """In whatever bursts requests arrive, each one is served, and at the end no thread is busy."""
    order: list[str] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        order.append(environ["PATH_INFO"])
        start_response("200 OK", PLAIN)
        return [b""]

    handler = ASGIHandler(application, threads=3)
    paths = [f"/{number}" for number in range(40)]

    async def main() -> None:
        for _ in range(50):
            order.clear()
            await asyncio.gather(*(exchange(handler, http_scope(path)) for path in paths))
            assert sorted(paths) == sorted(order)
        await until(lambda: not handler.stats().busy)

    run(main())
    assert (2000, 0, True) == (handler.stats().served, handler.stats().queued, 1 <= handler.stats().idle <= 3)


def test_handlers_do_not_share_threads() -> None:
    """A handler whose threads are all busy does not use those of another handler."""
    release = threading.Event()

    waiting = held(release, [], b"again")

    async def main() -> None:
        busy = ASGIHandler(waiting, threads=1)
        task = asyncio.create_task(exchange(busy))
        await until(lambda: busy.stats().busy)
        assert 200 == (await exchange(ASGIHandler(again, threads=1))).status
        release.set()
        await task

    run(main())


def test_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no thread can be started, the server gets the error, and later requests are served again."""
    handler = ASGIHandler(again, threads=1)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                await exchange(handler)
        assert b"again" == (await exchange(handler)).body

    run(main())
    assert (1, 0, 0) == (handler.stats().served, handler.stats().queued, handler.stats().busy)


def test_system_without_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system has no thread beside the first, requests wait for that one, and ``queue_timeout`` applies."""
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun, b"again"), threads=4, queue_timeout=0)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> list[int]:
        first = asyncio.create_task(exchange(handler))
        await until(lambda: begun)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            second = await exchange(handler)
        release.set()
        return [(await first).status, second.status, (await exchange(handler)).status]

    assert [200, 503, 200] == run(main())


def test_refused_again_and_again() -> None:
    """However many requests were refused before, the next one that waits too long is refused, too."""

    async def main() -> None:
        handler = ASGIHandler(application, threads=1, queue_timeout=0)
        for number in range(1, 6):
            release.clear()
            begun.clear()
            held_up = asyncio.create_task(exchange(handler))
            await until(lambda: begun)
            assert 503 == (await asyncio.wait_for(exchange(handler), 10)).status
            assert (0, number) == (handler.stats().queued, handler.stats().refused)
            release.set()
            assert 200 == (await held_up).status
            await until(lambda: handler._pool.is_idle)

    release = threading.Event()
    begun: list[str] = []
    application = held(release, begun, b"again")
    run(main())


def test_client_that_leaves_the_queue() -> None:
    """A request whose client disconnects before it has a thread is dropped, and its application is never called."""
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun, b"again"), threads=1)

    async def main() -> None:
        first = asyncio.create_task(exchange(handler, http_scope("/first")))
        await until(lambda: begun)
        impatient = Client()
        second = asyncio.create_task(handler(http_scope("/second"), impatient.receive, impatient.send))
        third = asyncio.create_task(exchange(handler, http_scope("/third")))
        await until(lambda: 2 == handler.stats().queued)
        impatient.left.set()
        await second
        assert (1, []) == (handler.stats().queued, impatient.sent)
        release.set()
        assert [200, 200] == [(await first).status, (await third).status]

    run(main())
    assert ["/first", "/third"] == begun


def test_lifespan_shutdown_waits() -> None:
    """The end of the server's lifespan is answered when the requests in flight have ended."""
    release = threading.Event()

    waiting = held(release, [], b"again")

    async def main() -> None:
        handler = ASGIHandler(waiting)
        request = asyncio.create_task(exchange(handler))
        await until(lambda: handler.stats().busy)
        messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append({**message, "after": request.done() or handler.stats().served})

        lifespan = asyncio.create_task(handler({"type": "lifespan"}, messages.get, send))
        messages.put_nowait({"type": "lifespan.startup"})
        messages.put_nowait({"type": "lifespan.shutdown"})
        await until(lambda: sent and messages.empty())
        assert (False, [{"type": "lifespan.startup.complete", "after": 0}]) == (lifespan.done(), sent)
        assert 0 <= handler.stats().idle
        release.set()
        await lifespan
        assert {"type": "lifespan.shutdown.complete", "after": 1} == sent[1]
        assert b"again" == (await request).body

    run(main())


# Contexts


def test_two_hundred_requests_in_one_context() -> None:
    """Requests that share one context, like those of one connection, are all served, with async code inside."""

    async def inner() -> int:
        await asyncio.sleep(0)
        return await sync_to_async(threading.get_ident)()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/inner":
            assert threading.get_ident() == async_to_sync(inner)()
        return again(environ, start_response)  # type: ignore[no-any-return]

    async def main() -> None:
        handler = ASGIHandler(application, threads=4)
        for number in range(50):
            paths = ["/inner", "/plain", "/inner", "/inner"] if number % 2 else ["/plain", "/inner", "/plain", "/inner"]
            for path in paths[:2]:
                assert 200 == (await exchange(handler, http_scope(path))).status
            together = await asyncio.gather(*(exchange(handler, http_scope(path)) for path in paths[2:]))
            assert [200, 200] == [client.status for client in together]

    run(main())


def test_contexts_of_their_own() -> None:
    """Context variables and asgiref's Locals are visible to the server afterwards, and not to other requests."""
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    local: Any = Local()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        seen = f"{variable.get('unset')} {getattr(local, 'name', 'unset')} {getattr(local, 'server', 'unset')}"
        variable.set(environ["PATH_INFO"])
        local.name = environ["PATH_INFO"]
        return answering([seen.encode()])(environ, start_response)  # type: ignore[no-any-return]

    async def one(handler: ASGIHandler, path: str) -> tuple[bytes, str, str, str]:
        local.server = path
        client = await exchange(handler, http_scope(path))
        return client.body, variable.get(), local.name, local.server

    async def main() -> None:
        handler = ASGIHandler(application, threads=2)
        paths = [f"/{number}" for number in range(20)]
        found = await asyncio.gather(*(asyncio.create_task(one(handler, path)) for path in paths))
        assert [(f"unset unset {path}".encode(), path, path, path) for path in paths] == found

    run(main())


# Async code inside, and sync code inside that


def test_async_code_runs_on_the_loop_of_the_server() -> None:
    """async_to_sync in a view runs on the server's own loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def inner() -> None:
        loops.append(asyncio.get_running_loop())

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        async_to_sync(inner)()
        return again(environ, start_response)  # type: ignore[no-any-return]

    async def main() -> None:
        await exchange(ASGIHandler(application))
        assert [asyncio.get_running_loop()] == loops

    run(main())


@pytest.mark.parametrize("together", [1, 8])
def test_to_any_depth(together: int) -> None:
    """Sync in async in sync code, five levels deep, always runs in the view's thread, also with every thread busy."""

    def sync_part(depth: int) -> list[int]:
        return [threading.get_ident(), *(async_to_sync(async_part)(depth - 1) if depth else [])]

    async def async_part(depth: int) -> list[int]:
        await asyncio.sleep(0)
        return await sync_to_async(sync_part)(depth)

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        return answering([repr(sorted(set(sync_part(5)))).encode()])(environ, start_response)  # type: ignore[no-any-return]

    async def main() -> None:
        handler = ASGIHandler(application, threads=2)
        for _ in range(5):
            clients = await asyncio.gather(*(exchange(handler) for _ in range(together)))
            assert [200] * together == [client.status for client in clients]
            assert [0] * together == [client.body.count(b",") for client in clients]

    run(main())


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_task_that_outlives_its_request() -> None:
    """Such a task gets an error or another thread for its sync code, but not the thread of a request."""
    goes_on = asyncio.Event()
    release = threading.Event()
    tasks: list[asyncio.Task[int]] = []
    leased: list[int] = []

    async def later() -> int:
        await goes_on.wait()
        return await sync_to_async(threading.get_ident)()

    async def start() -> None:
        tasks.append(asyncio.get_running_loop().create_task(later()))

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        leased.append(threading.get_ident())
        if environ["PATH_INFO"] == "/start":
            async_to_sync(start)()
        else:
            release.wait(SECONDS)
        return again(environ, start_response)  # type: ignore[no-any-return]

    async def main() -> None:
        handler = ASGIHandler(application, threads=1)
        assert 200 == (await exchange(handler, http_scope("/start"))).status
        busy = asyncio.create_task(exchange(handler, http_scope("/busy")))
        await until(lambda: 2 == len(leased))
        goes_on.set()
        (outcome,) = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), SECONDS)
        assert isinstance(outcome, RuntimeError) or outcome not in leased
        release.set()
        assert 200 == (await busy).status

    run(main())


# Event loops


def test_several_loops_in_turn() -> None:
    """One handler serves several event loops, one after the other, and does not keep any of them alive."""
    handler = ASGIHandler(again, threads=1)
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> bytes:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        return (await exchange(handler)).body

    assert [b"again"] * 3 == [run(main()) for _ in range(3)]
    handler._pool.join()
    gc.collect()
    assert [None] * 3 == [loop() for loop in loops]


def test_two_loops_at_once() -> None:
    """One handler serves two event loops in two threads."""
    handler = ASGIHandler(again, threads=2)
    statuses: list[int] = []

    async def main() -> None:
        for _ in range(20):
            clients = await asyncio.gather(*(exchange(handler) for _ in range(10)))
            statuses.extend(client.status for client in clients)

    loops = [threading.Thread(target=run, args=(main(),)) for _ in range(2)]
    for thread in loops:
        thread.start()
    for thread in loops:
        thread.join(SECONDS)
    assert [200] * 400 == statuses


def test_loop_that_ends_with_a_request_in_flight() -> None:
    """A request whose loop is closed while it runs stops, and its thread serves the next loop."""
    handler = ASGIHandler(lambda *request: iter([again(*request)[0]] * 100_000), threads=1)
    loop = asyncio.new_event_loop()
    never = loop.create_future()

    class Stuck(Client):
        async def send(self, message: Any) -> None:
            loop.stop()
            await never

    client = Stuck()
    task = loop.create_task(handler(http_scope(), client.receive, client.send))
    loop.run_forever()
    loop.close()
    plain = ASGIHandler(again, threads=1)
    plain._pool = handler._pool
    assert b"again" == run(exchange(plain)).body
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # the test left it behind on purpose


def closed_with_requests(handler: ASGIHandler, wait: str) -> weakref.ref[asyncio.AbstractEventLoop]:
    """Return a loop that was closed while a request waited for something."""
    loop = asyncio.new_event_loop()
    clients = [Client([b"a piece", b"the rest"]) for _ in range(2 if wait == "queue" else 1)]
    if wait == "body":
        clients[0].incoming.pop()
    tasks = [loop.create_task(handler(http_scope(method="POST"), each.receive, each.send)) for each in clients]
    loop.run_until_complete(until(lambda: handler.stats().queued if wait == "queue" else not clients[0].incoming))
    loop.close()
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # the test left them behind on purpose
    return weakref.ref(loop)


@pytest.mark.parametrize("wait", ["queue", "body"])
def test_closed_loop_is_not_kept(wait: str) -> None:
    """A handler does not keep a closed loop alive, although a request waited there for a thread, or for its body."""
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun, b"again"), threads=1)
    kept = closed_with_requests(handler, wait)
    release.set()
    handler._pool.join()
    gc.collect()
    assert kept() is None


def test_calls_for_a_closed_loop_do_not_keep_it() -> None:
    """A call that was posted to a loop, and not made before it was closed, does not keep the loop alive."""
    loop = asyncio.new_event_loop()
    call_queue_of(loop).post(lambda loop=loop: loop.stop())  # type: ignore[misc]
    loop.close()
    kept = weakref.ref(loop)
    other = asyncio.new_event_loop()
    call_queue_of(other)
    other.close()
    del loop
    gc.collect()
    assert kept() is None


# Processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork()")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_fork_after_serving() -> None:
    """A forked child serves requests too, with its own threads and with counts that begin at zero."""
    handler = ASGIHandler(again, threads=2)
    assert b"again" == run(exchange(handler)).body
    faulthandler.cancel_dump_traceback_later()  # otherwise a child that uses it waits for a thread that it does not have
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(SECONDS)
            fresh = (0, 0, 0) == (handler.stats().idle, handler.stats().served, handler.stats().busy)
            served = b"again" == run(exchange(handler)).body
            os._exit(0 if fresh and served else 1)
        finally:
            os._exit(2)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert b"again" == run(exchange(handler)).body


EXITING = """
import asyncio, atexit, threading, sys
from _asgi import Client, answering, exchange, http_scope, until
from asgiref.sync import async_to_sync
from ginger_async_safe.asgi import ASGIHandler

how = sys.argv[1]
started = threading.Event()
ending = threading.Event()
atexit.register(ending.set)  # made before what the library has registered, which is older


def application(environ, start_response):
    start_response("200 OK", [])
    started.set()
    if how == "busy":
        ending.wait(20)  # busy until the interpreter ends
    if how == "async_to_sync":
        async_to_sync(asyncio.Event().wait)()  # on a loop that is stopped below, and never closed
    return iter([b"." * 1000] * (1 if how == "idle" else 1000))


class Stuck(Client):
    async def send(self, message):
        await asyncio.Event().wait()


handler = ASGIHandler(application)
loop = asyncio.new_event_loop()
if how == "idle":
    loop.run_until_complete(exchange(handler))
else:
    client = Stuck()
    task = loop.create_task(handler(http_scope(), client.receive, client.send))
    task._log_destroy_pending = False
    loop.run_until_complete(until(started.is_set))
print("the end")
"""


@pytest.mark.parametrize("how", ["idle", "busy", "streaming", "async_to_sync"])
def test_end_of_the_interpreter(tmp_path: Path, how: str) -> None:
    """The interpreter ends, whatever the threads do and whether clients read; requests that would never end are logged."""
    program = tmp_path / "exiting.py"
    program.write_text(EXITING, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [sys.executable, program, how],
        capture_output=True,
        text=True,
        timeout=SECONDS,  # fewer than shutdown_timeout
        check=False,
        env=environment,
    )
    left = (
        "the server ends, and these requests did not, within shutdown_timeout or when the server gave them up: GET /\n"
    )
    assert (0, "the end\n", left if how == "async_to_sync" else "") == (done.returncode, done.stdout, done.stderr)


def test_call_for_a_closed_loop_that_was_woken_is_refused() -> None:
    """A call that is posted to a loop that was woken, and closed before it read its queue, is refused and not lost."""
    loop = asyncio.new_event_loop()
    queue = call_queue_of(loop)
    queue.post(list)
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        queue.post(list)


def test_call_that_ends_the_loop() -> None:
    """If a posted call ends the loop, the calls after it are made when the loop runs again."""
    made: list[str] = []
    loop = asyncio.new_event_loop()
    queue = call_queue_of(loop)
    queue.post(sys.exit)
    queue.post(lambda: made.append("after"))
    with pytest.raises(SystemExit):
        loop.run_forever()
    loop.run_until_complete(until(lambda: made))
    loop.close()


def test_job_before_close_is_done() -> None:
    """A pool that is closed right after a job was submitted runs the job."""
    for _ in range(200):
        handler = ASGIHandler(again, threads=1)

        async def serve_and_end(handler: ASGIHandler = handler) -> bytes:
            response = asyncio.create_task(exchange(handler))
            await asyncio.sleep(0)
            handler._pool.close()
            return (await asyncio.wait_for(response, 10)).body

        assert b"again" == asyncio.run(serve_and_end())
