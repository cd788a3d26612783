"""Clients that are slow, make no progress, or disconnect: what their threads do meanwhile, and what other requests get."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import inspect
import logging
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import PLAIN, SECONDS, Client, answering, exchange, http_scope, until

from ginger_async_safe import ConfigurationError
from ginger_async_safe.asgi import ASGIHandler, threads
from ginger_async_safe.asgi.body import WINDOW, ClientDisconnected
from ginger_async_safe.asgi.exchange import Exchange
from ginger_async_safe.asgi.generation import Generation
from ginger_async_safe.asgi.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _asgi import Environ, Message

pytestmark = pytest.mark.asyncio


class Stalled(Client):
    """A client that receives so many messages of the response, and no more until it is told to continue.

    Args:
        takes: The number of messages.
        body: As for Client.
    """

    def __init__(self, takes: int = 0, body: Iterable[bytes] = (b"",)) -> None:
        super().__init__(body)
        self._takes = takes
        self.goes_on = asyncio.Event()

    async def send(self, message: Message) -> None:
        """Receive a message from the application."""
        if len(self.sent) >= self._takes:
            await self.goes_on.wait()
        await super().send(message)


class Uploading(Client):
    """A client that sends a piece of its body, and the rest when it is told to continue.

    Args:
        first: The first piece.
    """

    def __init__(self, first: bytes = b"first") -> None:
        super().__init__()
        self.incoming.clear()
        self.incoming.append({"type": "http.request", "body": first, "more_body": True})
        self.goes_on = asyncio.Event()

    async def receive(self) -> Message:
        """Return the next message from the client."""
        if self.incoming:
            return self.incoming.popleft()
        await self.goes_on.wait()
        self.goes_on.clear()
        return {"type": "http.request", "body": b"rest", "more_body": False}


class Site:
    """A WSGI application that downloads, uploads and sleeps, and records what happens in it.

    Attributes:
        working: How many requests run in it now, without those that wait for their client.
        most: The highest value of ``working``.
        outcomes: How each request ended, by its path.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.working = self.most = 0
        self.outcomes: dict[str, str] = {}
        self.read: dict[str, bytes] = {}
        self.release = threading.Event()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Count one more request that runs."""
        with self._lock:
            self.working += 1
            self.most = max(self.most, self.working)
        try:
            yield
        finally:
            with self._lock:
                self.working -= 1

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        kind = path[1:].partition("/")[0]
        if kind == "download":
            start_response("200 OK", PLAIN)
            return self.download(path)
        if kind == "upload":
            return self.upload(path, environ, start_response)
        if kind == "sleep":
            with self.at_work():
                self.release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return [path.encode()]

    def download(self, path: str) -> Iterator[bytes]:
        """Send more than the windows hold."""
        try:
            for _ in range(8):
                with self.at_work():
                    time.sleep(0.001)  # while the others want to run too
                yield bytes(WINDOW)
        except GeneratorExit:
            self.outcomes[path] = "closed"
            raise
        else:
            self.outcomes[path] = "whole"

    def upload(self, path: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Read the body as it arrives."""
        try:
            self.read[path] = environ["wsgi.input"].read(5)
            self.read[path] += environ["wsgi.input"].read()
        except ClientDisconnected:
            self.outcomes[path] = "disconnected"
            raise
        self.outcomes[path] = "whole"
        start_response("200 OK", PLAIN)
        return [b"uploaded"]


def send_request(handler: ASGIHandler, client: Client, path: str, **extra: Any) -> asyncio.Task[None]:
    """Send a request from a client."""
    return asyncio.create_task(handler(http_scope(path, **extra), client.receive, client.send))


def send_upload(handler: ASGIHandler, client: Client, path: str) -> asyncio.Task[None]:
    """Send a request with a body from a client."""
    return send_request(handler, client, path, method="POST", headers=[(b"content-length", b"9")])


# Waiting threads


async def test_stalled_download_delays_no_others() -> None:
    """While threads wait for clients that read nothing, another request gets the only thread."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    clients = [Stalled() for _ in range(10)]
    tasks = [send_request(handler, client, f"/download/{number}") for number, client in enumerate(clients)]
    await until(lambda: 10 == handler.stats().waiting)
    assert 0 == handler.stats().busy
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    assert (10, 0) == (handler.stats().waiting, len(site.outcomes))
    for client in clients:
        client.goes_on.set()
    await asyncio.gather(*tasks)
    assert [8 * WINDOW] * 10 == [len(client.body) for client in clients]
    assert ({"whole"}, 1) == (set(site.outcomes.values()), site.most)
    await until(lambda: (0, 0, 0) == (handler.stats().waiting, handler.stats().busy, handler.stats().queued))


async def test_stalled_upload_delays_no_others() -> None:
    """The same is true for a body that does not arrive."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    clients = [Uploading() for _ in range(10)]
    tasks = [send_upload(handler, client, f"/upload/{number}") for number, client in enumerate(clients)]
    await until(lambda: 10 == handler.stats().waiting)
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    for client in clients:
        client.goes_on.set()
    await asyncio.gather(*tasks)
    assert {b"firstrest"} == set(site.read.values())
    assert [b"uploaded"] * 10 == [client.body for client in clients]


async def test_client_that_expects_100_delays_no_others() -> None:
    """The same is true for a client that waits for 100 Continue and then sends nothing."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Client([])
    task = send_request(handler, client, "/upload", method="POST", headers=[(b"expect", b"100-continue")])
    await until(lambda: handler.stats().waiting)
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    client.left.set()
    await task
    assert {"/upload": "disconnected"} == site.outcomes


async def test_wait_that_ends_needs_a_place() -> None:
    """A thread whose client continues waits for a free place, and goes before requests that have not begun."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Uploading()
    upload = send_upload(handler, client, "/upload")
    await until(lambda: handler.stats().waiting)
    sleep = asyncio.create_task(exchange(handler, http_scope("/sleep")))
    await until(lambda: site.working)
    later = asyncio.create_task(exchange(handler, http_scope("/hello")))
    await until(lambda: handler.stats().queued)
    client.goes_on.set()
    await until(lambda: handler._pool._generation._returning)
    assert (1, 1, {"/upload": b"first"}) == (handler.stats().busy, handler.stats().waiting, site.read)
    site.release.set()
    await asyncio.gather(upload, sleep, later)
    assert (b"uploaded", b"/hello", 3) == (client.body, (await later).body, handler.stats().served)


async def test_client_that_leaves_while_its_thread_comes_back() -> None:
    """A client may disconnect after its last bytes, before its waiting thread runs again."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Stalled(takes=2)
    download = send_request(handler, client, "/download")
    await until(lambda: handler.stats().waiting)
    sleep = asyncio.create_task(exchange(handler, http_scope("/sleep")))
    await until(lambda: site.working)
    client.goes_on.set()
    await until(lambda: handler._pool._generation._returning)
    client.left.set()
    site.release.set()
    await asyncio.gather(download, sleep)
    assert {"/download": "closed"} == site.outcomes


async def test_cancelled_while_its_thread_waits() -> None:
    """When the server cancels a request, its waiting thread is free again."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    for client in (Stalled(), Uploading()):
        kind = "download" if isinstance(client, Stalled) else "upload"
        task = send_upload(handler, client, f"/{kind}")
        await until(lambda: handler.stats().waiting)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not handler.stats().waiting)
        assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    assert {"/download": "closed", "/upload": "disconnected"} == site.outcomes


async def test_helper_thread_that_reads() -> None:
    """A helper thread of the application may wait for the client, too; meanwhile the leased one counts as working."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        read: list[bytes] = []
        helper = threading.Thread(target=lambda: read.append(environ["wsgi.input"].read()))
        helper.start()
        helper.join(SECONDS)
        start_response("200 OK", PLAIN)
        return read

    handler = ASGIHandler(application, threads=1)
    client = Uploading()
    task = send_upload(handler, client, "/")
    await until(lambda: handler.stats().busy)
    assert 0 == handler.stats().waiting
    client.goes_on.set()
    await task
    assert b"firstrest" == client.body


@pytest.mark.parametrize("max_waiting", [0, 1, 3, 50])
async def test_never_more_than_threads_work(max_waiting: int) -> None:
    """However clients stall and continue, no more requests run at once than there are threads."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=max_waiting)

    async def client(number: int) -> None:
        if number % 2:
            uploads = Uploading()
            task = send_upload(handler, uploads, f"/upload/{number}")
            await asyncio.sleep(0.001 * (number % 7))
            uploads.goes_on.set()
        else:
            downloads = Stalled(takes=number % 5)
            task = send_request(handler, downloads, f"/download/{number}")
            await asyncio.sleep(0.001 * (number % 7))
            downloads.goes_on.set()
        with contextlib.suppress(ClientDisconnected):
            await task

    await asyncio.gather(*(client(number) for number in range(60)))
    assert len(site.outcomes) <= 60
    assert 1 <= site.most <= 2
    await until(lambda: (0, 0, 0) == (handler.stats().waiting, handler.stats().busy, handler.stats().queued))
    assert len(handler._pool._members()) <= 2 + max_waiting


# The end


async def test_shutdown_while_threads_wait() -> None:
    """A pool that is closed runs what is in its queue, also while all of its threads wait for their clients."""
    site = Site()
    handler = ASGIHandler(site, threads=1, shutdown_timeout=None)
    client = Stalled()
    download = send_request(handler, client, "/download")
    await until(lambda: handler.stats().waiting)
    sleep = asyncio.create_task(exchange(handler, http_scope("/sleep")))
    await until(lambda: site.working)
    queued = asyncio.create_task(exchange(handler, http_scope("/hello")))
    await until(lambda: handler.stats().queued)
    ending = asyncio.create_task(asyncio.to_thread(handler._pool.join))
    await until(lambda: handler._pool._generations[0].is_dismissed)
    assert b"/new" == (await exchange(handler, http_scope("/new"))).body
    site.release.set()
    assert b"/hello" == (await queued).body
    assert not ending.done()
    client.goes_on.set()
    await asyncio.wait_for(asyncio.gather(download, sleep, ending), SECONDS)
    assert {"/download": "whole"} == site.outcomes


async def test_shutdown_waits_for_threads_that_start_later() -> None:
    """If a thread begins to wait after the pool was closed, another one starts, and the shutdown waits for that too."""
    site = Site()
    handler = ASGIHandler(site, threads=1, shutdown_timeout=None)
    begins = threading.Event()
    slow = ASGIHandler(lambda *request: (begins.wait(SECONDS), site(*request))[1], threads=1)
    slow._pool = handler._pool
    client = Stalled()
    download = send_request(slow, client, "/download")
    await until(lambda: handler.stats().busy)
    sleep = asyncio.create_task(exchange(handler, http_scope("/sleep")))
    await until(lambda: handler.stats().queued)
    ending = asyncio.create_task(asyncio.to_thread(handler._pool.join))
    await until(lambda: handler._pool._generations[0].is_dismissed)
    begins.set()
    await until(lambda: site.working and handler.stats().waiting)
    download.cancel()
    await asyncio.wait([download])
    assert not ending.done()
    site.release.set()
    await asyncio.wait_for(asyncio.gather(sleep, ending), SECONDS)


async def test_end_of_the_interpreter_needs_no_place() -> None:
    """At the end of the interpreter, waiting threads end even if other threads have all places."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    download = send_request(handler, Stalled(), "/download")
    await until(lambda: handler.stats().waiting)
    sleep = asyncio.create_task(exchange(handler, http_scope("/sleep")))
    await until(lambda: site.working)
    handler._pool.call_off()
    await until(lambda: {"/download": "closed"} == site.outcomes)
    assert site.working
    site.release.set()
    await sleep
    download.cancel()
    await asyncio.wait([download])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork()")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
async def test_fork_in_the_middle_of_a_request() -> None:
    """A child that a view forks reads its body independently of the parent's threads, and the parent continues."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            worker = threading.current_thread()
            assert isinstance(worker, Worker)
            with worker.waiting(list):
                pass
            os._exit(0)
        start_response("200 OK", PLAIN)
        return [b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]

    handler = ASGIHandler(application, threads=1)
    assert b"0" == (await exchange(handler)).body


# Clients that are disconnected


async def test_client_without_progress(caplog: pytest.LogCaptureFixture) -> None:
    """A client that receives nothing for client_timeout is disconnected, with an error for the server; close() is called."""
    caplog.set_level(logging.INFO)
    site = Site()
    handler = ASGIHandler(site, threads=1, client_timeout=0.05)
    with pytest.raises(ClientDisconnected, match="GET /download: the client made no progress, and was disconnected"):
        await send_request(handler, Stalled(takes=1), "/download")
    assert ({"/download": "closed"}, 1) == (site.outcomes, handler.stats().stalled)
    logged = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert [(logging.INFO, "GET /download: the client made no progress, and was disconnected")] == logged


@pytest.mark.parametrize(("version", "ending"), [("1.1", True), ("2", False)])
async def test_body_without_progress(version: str, ending: bool) -> None:
    """If the response has not begun, it is a 408 that closes the connection (RFC 9110 15.5.9)."""
    site = Site()
    handler = ASGIHandler(site, threads=1, client_timeout=0.05)
    client = Uploading()
    headers = [(b"content-length", b"9")]
    await send_request(handler, client, "/upload", method="POST", http_version=version, headers=headers)
    assert {"/upload": "disconnected"} == site.outcomes
    assert (408, b"Request Timeout", True) == (client.status, client.body, client.is_complete)
    assert ending == ((b"connection", b"close") in client.headers)


async def test_response_to_a_disconnected_client_is_replaced() -> None:
    """If an application catches the error of a disconnected client and responds, its response is replaced."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        with contextlib.suppress(OSError):
            environ["wsgi.input"].read()
        start_response("200 OK", PLAIN)
        return [b"as if nothing had happened"]

    client = Uploading()
    await send_upload(ASGIHandler(application, client_timeout=0.05), client, "/")
    assert (408, b"Request Timeout") == (client.status, client.body)


async def test_slow_progress_is_enough() -> None:
    """A client that makes progress, however slowly, is not disconnected; a large chunk is sent in pieces to notice progress."""
    handler = ASGIHandler(lambda *request: iter(answering([bytes(8 * WINDOW)])(*request)), client_timeout=0.5)

    class Slow(Client):
        async def send(self, message: Message) -> None:
            await asyncio.sleep(0.1)
            await super().send(message)

    client = Slow()
    await asyncio.wait_for(handler(http_scope(), client.receive, client.send), SECONDS)
    assert (8 * WINDOW, True, 0) == (len(client.body), client.is_complete, handler.stats().stalled)
    assert max(len(message.get("body", b"")) for message in client.sent) <= WINDOW


async def test_longest_stalled_client_is_disconnected_past_the_bound() -> None:
    """If max_waiting threads wait and a request needs one more, the client that has stalled for longest is disconnected."""
    site = Site()
    handler = ASGIHandler(site, threads=1, max_waiting=2)
    tasks = []
    for number in range(3):
        tasks.append(send_request(handler, Stalled(), f"/download/{number}"))
        await until(lambda: len(tasks) == handler.stats().waiting)
    await asyncio.sleep(2 * threads.LONG_WAIT)  # no other request needs the thread
    assert (3, 0) == (handler.stats().waiting, handler.stats().stalled)
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    assert {"/download/0": "closed"} == site.outcomes
    with pytest.raises(ClientDisconnected):
        await tasks[0]
    assert (2, 1, 3) == (handler.stats().waiting, handler.stats().stalled, len(handler._pool._members()))
    for task in tasks[1:]:
        task.cancel()
    await asyncio.wait(tasks)


async def test_crowd_that_stalls() -> None:
    """However many clients stall, later requests are answered, and the stalled clients are disconnected one after the other."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=3)
    stalled = [send_request(handler, Stalled(), f"/download/{number}") for number in range(60)]
    answers = await asyncio.gather(*(exchange(handler, http_scope("/hello")) for _ in range(5)))
    assert [b"/hello"] * 5 == [answer.body for answer in answers]
    assert 5 >= handler.stats().waiting
    for task in stalled:
        task.cancel()
    await asyncio.wait(stalled)
    assert 55 <= handler.stats().stalled <= 60
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    assert {"closed"} == set(site.outcomes.values())


@pytest.fixture
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    logging.disable()  # pytest keeps what is logged, with its traceback
    yield
    logging.disable(logging.NOTSET)
    gc.enable()


@pytest.mark.usefixtures("_no_garbage_collection")
@pytest.mark.parametrize("kind", ["download", "upload", "early"])
async def test_slow_clients_leave_no_garbage(kind: str) -> None:
    """All objects of a client that stalled or was slow are freed when its request ends."""
    handler = ASGIHandler(Site(), client_timeout=SECONDS if kind == "early" else 0.05)

    async def one() -> None:
        client = Stalled(takes=1) if kind == "download" else Uploading()
        task = send_upload(handler, client, "/download" if kind == "download" else "/upload")
        if kind == "early":
            await until(lambda: handler.stats().waiting)
            client.goes_on.set()
        await asyncio.wait([task])  # awaiting it would keep its error in this frame
        assert task.exception() is None or isinstance(task.exception(), ClientDisconnected)

    await one()
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    await until(lambda: not [each for each in gc.get_objects() if isinstance(each, Exchange)])


# Incomplete bodies


async def test_first_bytes_before_the_rest() -> None:
    """The application reads what has arrived, and responds, before the client sends the rest."""
    answers: list[bytes] = []

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        answers.append(environ["wsgi.input"].read(5))
        yield answers[0]
        yield environ["wsgi.input"].read()

    client = Uploading()
    task = send_upload(ASGIHandler(application), client, "/")
    await until(lambda: b"first" == client.body)
    client.goes_on.set()
    await task
    assert (b"firstrest", True) == (client.body, client.is_complete)


async def test_answer_that_needs_no_rest() -> None:
    """A response that ends before the body does ends the exchange: the server is not asked for more."""
    client = Uploading()
    task = send_upload(ASGIHandler(answering([b"enough"])), client, "/")
    await asyncio.wait_for(task, SECONDS)
    assert (b"enough", True) == (client.body, client.is_complete)
    assert not task.cancelled()


async def test_client_that_leaves_a_body_that_has_begun() -> None:
    """If a client disconnects while the application reads its body, the application gets an error."""
    site = Site()

    class Leaving(Uploading):
        async def receive(self) -> Message:
            message = await super().receive()
            return message if message["body"] == b"first" else {"type": "http.disconnect"}

    client = Leaving()
    task = send_upload(ASGIHandler(site), client, "/upload")
    await until(lambda: site.read)
    client.goes_on.set()
    await asyncio.wait_for(task, SECONDS)
    assert {"/upload": "disconnected"} == site.outcomes


@pytest.mark.parametrize("where", ["receive", "application"])
async def test_error_while_a_body_arrives(where: str) -> None:
    """An error at that time reaches the server; the application's own is a 500 if the response has not begun."""
    begun = threading.Event()

    class Failing(Uploading):
        async def receive(self) -> Message:
            message = await super().receive()
            if message["body"] != b"first":
                raise LookupError("the server failed")
            return message

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        begun.set()
        if where == "application":
            raise LookupError
        environ["wsgi.input"].read()
        return []

    client = Failing()
    task = send_upload(ASGIHandler(application), client, "/")
    await until(begun.is_set)
    if where == "application":
        await task
        assert 500 == client.status
    else:
        client.goes_on.set()
        with pytest.raises(LookupError, match="the server failed"):
            await task


async def test_no_early_start_where_too_many_wait() -> None:
    """If max_waiting threads wait already, a request with an incomplete body gets none, and no client is disconnected."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=1)
    stalled = send_request(handler, Stalled(), "/download")
    await until(lambda: handler.stats().waiting)
    client = Uploading()
    upload = send_upload(handler, client, "/upload")
    await asyncio.sleep(0.25)  # two and a half times as long as usual
    assert ({}, 0) == (site.read, handler.stats().queued)
    client.goes_on.set()
    await upload
    assert (b"uploaded", 0, False) == (client.body, handler.stats().stalled, stalled.done())
    stalled.cancel()
    await asyncio.wait([stalled])


async def test_early_response_that_never_begins() -> None:
    """If a request is cancelled in the iteration of the loop in which it gets its thread early, its response is closed."""
    responses: list[Any] = []

    class Cancelling(ASGIHandler):
        def start(self, exchange: Exchange) -> Any:
            response = super().start(exchange)
            responses.append(response)
            upload.cancel()
            return response

    client = Uploading()
    handler = Cancelling(Site())
    upload = send_upload(handler, client, "/upload")
    await asyncio.wait([upload])
    assert upload.cancelled()
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    assert [inspect.CORO_CLOSED] == [inspect.getcoroutinestate(response) for response in responses]


async def test_waits_that_end_as_they_begin() -> None:
    """A thread that begins to wait just as its client continues, or its pool is closed, does its job and ends with its pool."""
    interval = sys.getswitchinterval()
    sizes: list[int] = []

    class Dripping(Client):
        async def receive(self) -> Message:
            for _ in range(len(self.incoming) % 3):
                await asyncio.sleep(0)
            return await super().receive()

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        sizes.append(len(environ["wsgi.input"].read()))
        write = start_response("200 OK", [])
        for _ in range(5):
            write(bytes(WINDOW))
        return []

    async def one(handler: ASGIHandler) -> bytes:
        client = Dripping([b"piece"] * 30)
        scope = http_scope("/", method="POST", headers=[(b"expect", b"100-continue"), (b"content-length", b"150")])
        await handler(scope, client.receive, client.send)
        return client.body

    sys.setswitchinterval(1e-5)
    try:
        for max_waiting in (0, 1, 50):
            handler = ASGIHandler(application, threads=2, max_waiting=max_waiting)
            left: list[Worker] = []
            requests = [asyncio.create_task(one(handler)) for _ in range(20)]
            while not all(request.done() for request in requests):
                left += handler._pool.close()
                await asyncio.sleep(0.001)
            assert [5 * WINDOW] * 20 == [len(request.result()) for request in requests]
            left += handler._pool.close()
            await until(lambda left=left: not any(worker.is_alive() for worker in left))  # type: ignore[misc]
            stats = handler.stats()
            assert (0, 0, 0, 20) == (stats.busy, stats.waiting, stats.queued, stats.served)
    finally:
        sys.setswitchinterval(interval)
    assert [150] * 60 == sizes


async def test_body_without_progress_and_without_a_thread() -> None:
    """client_timeout also applies without a thread, and the client counts among those that were disconnected."""
    release = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application, threads=1, max_waiting=0, client_timeout=0.05)
    busy = asyncio.create_task(exchange(handler, http_scope("/busy")))
    await until(lambda: handler.stats().busy)
    client = Uploading()
    await asyncio.wait_for(send_upload(handler, client, "/upload"), SECONDS)
    stats = handler.stats()
    assert (408, b"Request Timeout", 0, 1) == (client.status, client.body, stats.served, stats.stalled)
    release.set()
    await busy


async def test_early_start_where_no_thread_may_wait() -> None:
    """With max_waiting=0, too, a request gets a thread before its body is complete, as long as no other request needs one."""
    site = Site()
    handler = ASGIHandler(site, max_waiting=0)
    upload = send_upload(handler, Uploading(), "/upload")
    await until(lambda: site.read)
    assert {"/upload": b"first"} == site.read
    upload.cancel()
    await asyncio.wait([upload])


async def test_slow_client_is_not_one_that_stalls() -> None:
    """If others need its place, a client that made progress while its thread waited has seconds; one that did not has none."""
    generation: Generation[Worker] = Generation(2, 0)
    pool = threads.ThreadPool(2)
    now = time.monotonic()
    disconnected: list[str] = []
    slow, stalled = (Worker(pool, generation, name) for name in ("slow", "stalled"))
    for worker in (slow, stalled):
        worker.disconnect = functools.partial(disconnected.append, worker.name)
        worker.waits_since = now - 1.0
        generation.members.add(worker)
        generation.leave(worker)
    slow.has_seen_progress = True
    assert generation.disconnect_stalled(threads.LONG_WAIT, now)
    assert not generation.disconnect_stalled(threads.LONG_WAIT, now)
    assert ["stalled"] == disconnected
    assert generation.disconnect_stalled(threads.LONG_WAIT, now + 1.5)
    assert ["stalled", "slow"] == disconnected


async def test_busy_processors_make_no_client_stall() -> None:
    """While the CPU is busy, clients may only seem to make no progress: they have seconds then, and a moment otherwise."""
    pool = threads.ThreadPool(1)
    disconnected: list[str] = []
    worker = Worker(pool, pool._generation, "stalled")
    worker.disconnect = functools.partial(disconnected.append, worker.name)
    worker.waits_since = time.monotonic() - 1.0
    pool._generation.members.add(worker)
    pool._generation.leave(worker)
    assert not pool.make_room(is_busy=True)
    assert [] == disconnected
    assert pool.make_room(is_busy=False)
    assert ["stalled"] == disconnected


async def test_queue_that_is_emptied_meanwhile() -> None:
    """A thread that begins to wait for its client checks the queue, which other threads empty without its lock."""
    generation: Generation[Worker] = Generation(1, 1)
    assert 5.0 == generation.waiting_since(5.0)


async def test_thread_that_ends_while_it_waits() -> None:
    """However a thread ends, it does not count as waiting any longer."""
    pool, generation = threads.ThreadPool(1), Generation[Worker](1, 1)
    worker = Worker(pool, generation, "worker")
    generation.members.add(worker)
    generation.leave(worker)
    generation.forget(worker)
    assert (0, 0) == (generation.working, generation.waiting)


async def test_refused_thread_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request for which the system has no thread was never in the queue, and queue_timeout applies to later ones."""

    def refuse(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    release = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application, threads=1, queue_timeout=0.05)
    with monkeypatch.context() as patched:
        patched.setattr(Worker, "start", refuse)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="can't start"):
                await exchange(handler)
    busy = asyncio.create_task(exchange(handler))
    await until(lambda: handler.stats().busy)
    assert 503 == (await exchange(handler)).status
    release.set()
    assert 200 == (await busy).status


async def test_log_handler_that_asks_for_stats(caplog: pytest.LogCaptureFixture) -> None:
    """A client is disconnected without the pool's lock held: a log handler may read the pool's statistics."""
    caplog.set_level(logging.INFO, "ginger_async_safe.asgi")
    handler = ASGIHandler(Site(), threads=1, max_waiting=0)
    seen: list[int] = []

    class Looking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(handler.stats().served)

    looking = Looking()
    logging.getLogger("ginger_async_safe.asgi").addHandler(looking)
    try:
        stalled = send_request(handler, Stalled(), "/download")
        await until(lambda: handler.stats().waiting)
        assert b"/hello" == (await asyncio.wait_for(exchange(handler, http_scope("/hello")), SECONDS)).body
        await asyncio.wait([stalled])
    finally:
        logging.getLogger("ginger_async_safe.asgi").removeHandler(looking)
    assert isinstance(stalled.exception(), ClientDisconnected)
    assert seen


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tasks do not count cancellations before Python 3.11")
async def test_early_start_of_a_task_that_was_cancelled_before() -> None:
    """If a task has swallowed an earlier cancellation, that is not mistaken for one by the server."""
    handler = ASGIHandler(answering([b"early"]))
    client = Uploading()

    async def request_once() -> None:
        current = asyncio.current_task()
        assert current is not None
        current.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        await handler(
            http_scope("/upload", method="POST", headers=[(b"content-length", b"9")]), client.receive, client.send
        )

    await asyncio.wait_for(asyncio.create_task(request_once()), SECONDS)
    assert b"early" == client.body


# More threads when the CPU is not busy


async def test_sleeping_requests_get_more_threads() -> None:
    """By default, a request that has waited for 50 ms gets an additional thread while nothing computes, up to 40."""
    site = Site()
    handler = ASGIHandler(site)
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(64)]
    await until(lambda: 40 == site.working)
    await asyncio.sleep(4 * threads.LONG_WAIT)  # there would be more by then
    assert (40, 40, 24) == (site.working, handler.stats().busy, handler.stats().queued)
    site.release.set()
    await asyncio.gather(*tasks)
    assert 40 == site.most


async def test_given_number_of_threads_is_the_limit() -> None:
    """``threads=N`` is never exceeded, however long requests wait."""
    site = Site()
    handler = ASGIHandler(site, threads=3)
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(10)]
    await until(lambda: 3 == site.working)
    await asyncio.sleep(4 * threads.LONG_WAIT)
    site.release.set()
    await asyncio.gather(*tasks)
    assert 3 == site.most


async def test_no_more_threads_while_the_processors_are_busy() -> None:
    """While the process computes, no threads are added: they would only slow down the others."""
    is_over = threading.Event()
    begun: list[int] = []

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        begun.append(1)
        while not is_over.is_set():
            pass
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application)
    tasks = [asyncio.create_task(exchange(handler)) for _ in range(threads.DEFAULT_THREADS + 8)]
    await until(lambda: threads.DEFAULT_THREADS <= len(begun))
    await asyncio.sleep(0.5)
    grown = len(begun) - threads.DEFAULT_THREADS
    is_over.set()
    await asyncio.gather(*tasks)
    assert grown < 8


async def test_extra_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later, when no requests wait, no more run at once than at first."""
    monkeypatch.setattr(threads, "_EXTRA_SECONDS", 0.05)
    site = Site()
    handler = ASGIHandler(site)
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(40)]
    await until(lambda: 40 == site.working)
    site.release.set()
    await asyncio.gather(*tasks)
    await until(lambda: not handler.stats().busy)
    await asyncio.sleep(0.06)
    site.release.clear()
    site.most = 0
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(40)]
    await until(lambda: threads.DEFAULT_THREADS == site.working)
    assert threads.DEFAULT_THREADS == handler.stats().busy
    site.release.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("value", [-1, "4", 1.5, True, None])
async def test_bad_max_waiting(value: Any) -> None:
    """An invalid number of threads is refused when the handler is created."""
    with pytest.raises(ConfigurationError, match=r"max_waiting=.*: give the number of threads .* 0 or more"):
        ASGIHandler(answering([]), max_waiting=value)


@pytest.mark.parametrize("value", [-1, "4", True])
async def test_bad_client_timeout(value: Any) -> None:
    """An invalid number of seconds is, too."""
    with pytest.raises(ConfigurationError, match=r"client_timeout=.*: give the seconds .* None for no limit"):
        ASGIHandler(answering([]), client_timeout=value)
