"""Clients that are slow, make no progress, or leave: what their threads do meanwhile, and what others get."""

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
    """A client that takes so many messages of the response, and no more until it goes on.

    Args:
        takes: How many.
        body: As for Client.
    """

    def __init__(self, takes: int = 0, body: Iterable[bytes] = (b"",)) -> None:
        super().__init__(body)
        self._takes = takes
        self.goes_on = asyncio.Event()

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        if len(self.sent) >= self._takes:
            await self.goes_on.wait()
        await super().send(message)


class Uploading(Client):
    """A client that sends a piece of its body, and the rest when it goes on.

    Args:
        first: The first piece.
    """

    def __init__(self, first: bytes = b"first") -> None:
        super().__init__()
        self.incoming.clear()
        self.incoming.append({"type": "http.request", "body": first, "more_body": True})
        self.goes_on = asyncio.Event()

    async def receive(self) -> Message:
        """Give the next message of the client."""
        if self.incoming:
            return self.incoming.popleft()
        await self.goes_on.wait()
        self.goes_on.clear()
        return {"type": "http.request", "body": b"rest", "more_body": False}


class Site:
    """A WSGI application that downloads, uploads and sleeps, and keeps what happens in it.

    Attributes:
        working: How many requests run in it now, those not counted that wait for their client.
        most: The most that there ever were.
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
        """Count one more that works."""
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
        """Send more than the windows take."""
        try:
            for _ in range(8):
                with self.at_work():
                    time.sleep(0.001)  # while the others want to work too
                yield bytes(WINDOW)
        except GeneratorExit:
            self.outcomes[path] = "closed"
            raise
        else:
            self.outcomes[path] = "whole"

    def upload(self, path: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Read the body as it comes."""
        try:
            self.read[path] = environ["wsgi.input"].read(5)
            self.read[path] += environ["wsgi.input"].read()
        except ClientDisconnected:
            self.outcomes[path] = "disconnected"
            raise
        self.outcomes[path] = "whole"
        start_response("200 OK", PLAIN)
        return [b"uploaded"]


def asking(handler: ASGIHandler, client: Client, path: str, **extra: Any) -> asyncio.Task[None]:
    """Have a client send a request."""
    return asyncio.create_task(handler(http_scope(path, **extra), client.receive, client.send))


def uploading(handler: ASGIHandler, client: Client, path: str) -> asyncio.Task[None]:
    """Have a client send a request with a body."""
    return asking(handler, client, path, method="POST", headers=[(b"content-length", b"9")])


# Threads that wait


async def test_download_that_stalls_costs_others_nothing() -> None:
    """While threads wait for clients that take no more, another request has the one thread that works."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    clients = [Stalled() for _ in range(10)]
    tasks = [asking(handler, client, f"/download/{number}") for number, client in enumerate(clients)]
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


async def test_upload_that_stalls_costs_others_nothing() -> None:
    """Neither does a body that does not come."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    clients = [Uploading() for _ in range(10)]
    tasks = [uploading(handler, client, f"/upload/{number}") for number, client in enumerate(clients)]
    await until(lambda: 10 == handler.stats().waiting)
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    for client in clients:
        client.goes_on.set()
    await asyncio.gather(*tasks)
    assert {b"firstrest"} == set(site.read.values())
    assert [b"uploaded"] * 10 == [client.body for client in clients]


async def test_expecting_client_costs_others_nothing() -> None:
    """Neither does one that waits for 100 Continue and sends nothing then."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Client([])
    task = asking(handler, client, "/upload", method="POST", headers=[(b"expect", b"100-continue")])
    await until(lambda: handler.stats().waiting)
    assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    client.left.set()
    await task
    assert {"/upload": "disconnected"} == site.outcomes


async def test_wait_that_ends_needs_a_place() -> None:
    """A thread whose client goes on has to wait while as many work as may, and goes before requests that have not begun."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Uploading()
    upload = uploading(handler, client, "/upload")
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
    """A client may leave between its last bytes and the moment when its thread may work again."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    client = Stalled(takes=2)
    download = asking(handler, client, "/download")
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
    """A server that gives up the request has its thread back."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    for client in (Stalled(), Uploading()):
        kind = "download" if isinstance(client, Stalled) else "upload"
        task = uploading(handler, client, f"/{kind}")
        await until(lambda: handler.stats().waiting)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not handler.stats().waiting)
        assert b"/hello" == (await exchange(handler, http_scope("/hello"))).body
    assert {"/download": "closed", "/upload": "disconnected"} == site.outcomes


async def test_helper_thread_that_reads() -> None:
    """A thread that the application has started may wait for the client too; the leased one works meanwhile."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        read: list[bytes] = []
        helper = threading.Thread(target=lambda: read.append(environ["wsgi.input"].read()))
        helper.start()
        helper.join(SECONDS)
        start_response("200 OK", PLAIN)
        return read

    handler = ASGIHandler(application, threads=1)
    client = Uploading()
    task = uploading(handler, client, "/")
    await until(lambda: handler.stats().busy)
    assert 0 == handler.stats().waiting
    client.goes_on.set()
    await task
    assert b"firstrest" == client.body


@pytest.mark.parametrize("max_waiting", [0, 1, 3, 50])
async def test_never_more_than_threads_work(max_waiting: int) -> None:
    """However clients stall and go on, no more requests work at once than there are threads."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=max_waiting)

    async def client(number: int) -> None:
        if number % 2:
            uploads = Uploading()
            task = uploading(handler, uploads, f"/upload/{number}")
            await asyncio.sleep(0.001 * (number % 7))
            uploads.goes_on.set()
        else:
            downloads = Stalled(takes=number % 5)
            task = asking(handler, downloads, f"/download/{number}")
            await asyncio.sleep(0.001 * (number % 7))
            downloads.goes_on.set()
        with contextlib.suppress(ClientDisconnected):
            await task

    await asyncio.gather(*(client(number) for number in range(60)))
    assert len(site.outcomes) <= 60
    assert 1 <= site.most <= 2
    await until(lambda: (0, 0, 0) == (handler.stats().waiting, handler.stats().busy, handler.stats().queued))
    assert len(handler._pool._members()) <= 2 + max_waiting


# How it ends


async def test_shutdown_while_threads_wait() -> None:
    """A pool that is closed does what waits in its queue, also while all of its threads wait for their clients."""
    site = Site()
    handler = ASGIHandler(site, threads=1, shutdown_timeout=None)
    client = Stalled()
    download = asking(handler, client, "/download")
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
    """A thread that begins to wait after the pool was closed has another one start, for which the end is waited too."""
    site = Site()
    handler = ASGIHandler(site, threads=1, shutdown_timeout=None)
    begins = threading.Event()
    slow = ASGIHandler(lambda *request: (begins.wait(SECONDS), site(*request))[1], threads=1)
    slow._pool = handler._pool
    client = Stalled()
    download = asking(slow, client, "/download")
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
    """Then what waits for its client ends although all places are taken by what does not."""
    site = Site()
    handler = ASGIHandler(site, threads=1)
    download = asking(handler, Stalled(), "/download")
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
    """A child that a view forks reads its body without the parent's places, and the parent goes on."""

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


# Clients that are let go


async def test_client_without_progress(caplog: pytest.LogCaptureFixture) -> None:
    """A client that takes nothing for client_timeout is let go, with an error for the server; close() is called."""
    caplog.set_level(logging.INFO)
    site = Site()
    handler = ASGIHandler(site, threads=1, client_timeout=0.05)
    with pytest.raises(ClientDisconnected, match="GET /download: the client made no progress, and was let go"):
        await asking(handler, Stalled(takes=1), "/download")
    assert ({"/download": "closed"}, 1) == (site.outcomes, handler.stats().stalled)
    told = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert [(logging.INFO, "GET /download: the client made no progress, and was let go")] == told


@pytest.mark.parametrize(("version", "ending"), [("1.1", True), ("2", False)])
async def test_body_without_progress(version: str, ending: bool) -> None:
    """Where the response has not begun, it is 408 and the end of the connection (RFC 9110 15.5.9)."""
    site = Site()
    handler = ASGIHandler(site, threads=1, client_timeout=0.05)
    client = Uploading()
    headers = [(b"content-length", b"9")]
    await asking(handler, client, "/upload", method="POST", http_version=version, headers=headers)
    assert {"/upload": "disconnected"} == site.outcomes
    assert (408, b"Request Timeout", True) == (client.status, client.body, client.is_complete)
    assert ending == ((b"connection", b"close") in client.headers)


async def test_answer_of_its_own_to_who_was_let_go() -> None:
    """An application that catches the error and answers has its answer replaced."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        with contextlib.suppress(OSError):
            environ["wsgi.input"].read()
        start_response("200 OK", PLAIN)
        return [b"as if nothing had happened"]

    client = Uploading()
    await uploading(ASGIHandler(application, client_timeout=0.05), client, "/")
    assert (408, b"Request Timeout") == (client.status, client.body)


async def test_slow_progress_is_progress() -> None:
    """A client that goes on, however slowly, is not let go; one large chunk is sent in pieces to see that."""
    handler = ASGIHandler(lambda *request: iter(answering([bytes(8 * WINDOW)])(*request)), client_timeout=0.5)

    class Slow(Client):
        async def send(self, message: Message) -> None:
            await asyncio.sleep(0.1)
            await super().send(message)

    client = Slow()
    await asyncio.wait_for(handler(http_scope(), client.receive, client.send), SECONDS)
    assert (8 * WINDOW, True, 0) == (len(client.body), client.is_complete, handler.stats().stalled)
    assert max(len(message.get("body", b"")) for message in client.sent) <= WINDOW


async def test_past_the_bound_the_longest_stalled_is_let_go() -> None:
    """Where max_waiting threads wait, and a request needs the place of one more, the longest stalled client is let go."""
    site = Site()
    handler = ASGIHandler(site, threads=1, max_waiting=2)
    tasks = []
    for number in range(3):
        tasks.append(asking(handler, Stalled(), f"/download/{number}"))
        await until(lambda: len(tasks) == handler.stats().waiting)
    await asyncio.sleep(2 * threads.LONG_WAIT)  # nobody needs the thread
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
    """However many stall, those after them are answered, and the stalled let go in turn."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=3)
    stalled = [asking(handler, Stalled(), f"/download/{number}") for number in range(60)]
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
    """What a client that stalls, or is slow, needed is free when its request ends."""
    handler = ASGIHandler(Site(), client_timeout=SECONDS if kind == "early" else 0.05)

    async def one() -> None:
        client = Stalled(takes=1) if kind == "download" else Uploading()
        task = uploading(handler, client, "/download" if kind == "download" else "/upload")
        if kind == "early":
            await until(lambda: handler.stats().waiting)
            client.goes_on.set()
        await asyncio.wait([task])  # to await it would have its error in this frame
        assert task.exception() is None or isinstance(task.exception(), ClientDisconnected)

    await one()
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    await until(lambda: not [each for each in gc.get_objects() if isinstance(each, Exchange)])


# Bodies that are not complete


async def test_first_bytes_before_the_rest() -> None:
    """The application reads what has come, and answers, while the client has yet to send the rest."""
    answers: list[bytes] = []

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        answers.append(environ["wsgi.input"].read(5))
        yield answers[0]
        yield environ["wsgi.input"].read()

    client = Uploading()
    task = uploading(ASGIHandler(application), client, "/")
    await until(lambda: b"first" == client.body)
    client.goes_on.set()
    await task
    assert (b"firstrest", True) == (client.body, client.is_complete)


async def test_answer_that_needs_no_rest() -> None:
    """A response that ends before the body does ends the exchange: the server is asked for no more."""
    client = Uploading()
    task = uploading(ASGIHandler(answering([b"enough"])), client, "/")
    await asyncio.wait_for(task, SECONDS)
    assert (b"enough", True) == (client.body, client.is_complete)
    assert not task.cancelled()


async def test_client_that_leaves_a_body_that_has_begun() -> None:
    """A client that leaves while the application reads its body is told of there."""
    site = Site()

    class Leaving(Uploading):
        async def receive(self) -> Message:
            message = await super().receive()
            return message if message["body"] == b"first" else {"type": "http.disconnect"}

    client = Leaving()
    task = uploading(ASGIHandler(site), client, "/upload")
    await until(lambda: site.read)
    client.goes_on.set()
    await asyncio.wait_for(task, SECONDS)
    assert {"/upload": "disconnected"} == site.outcomes


@pytest.mark.parametrize("where", ["receive", "application"])
async def test_error_while_a_body_is_on_its_way(where: str) -> None:
    """What fails then comes to the server, and is a 500 where it is the application's and the response has not begun."""
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
    task = uploading(ASGIHandler(application), client, "/")
    await until(begun.is_set)
    if where == "application":
        await task
        assert 500 == client.status
    else:
        client.goes_on.set()
        with pytest.raises(LookupError, match="the server failed"):
            await task


async def test_no_early_start_where_too_many_wait() -> None:
    """Where max_waiting threads wait already, a request whose body is not complete has none, and nobody is let go."""
    site = Site()
    handler = ASGIHandler(site, threads=2, max_waiting=1)
    stalled = asking(handler, Stalled(), "/download")
    await until(lambda: handler.stats().waiting)
    client = Uploading()
    upload = uploading(handler, client, "/upload")
    await asyncio.sleep(0.25)  # two and a half times as long as elsewhere
    assert ({}, 0) == (site.read, handler.stats().queued)
    client.goes_on.set()
    await upload
    assert (b"uploaded", 0, False) == (client.body, handler.stats().stalled, stalled.done())
    stalled.cancel()
    await asyncio.wait([stalled])


async def test_early_response_that_never_begins() -> None:
    """Where a request is cancelled in the turn in which it gets its thread early, what responds is closed."""
    responses: list[Any] = []

    class Cancelling(ASGIHandler):
        def start(self, exchange: Exchange) -> Any:
            response = super().start(exchange)
            responses.append(response)
            upload.cancel()
            return response

    client = Uploading()
    handler = Cancelling(Site())
    upload = uploading(handler, client, "/upload")
    await asyncio.wait([upload])
    assert upload.cancelled()
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    assert [inspect.CORO_CLOSED] == [inspect.getcoroutinestate(response) for response in responses]


async def test_waits_that_are_over_as_they_begin() -> None:
    """A thread that begins to wait as its client goes on, or its pool is closed, does its job and ends with its pool."""
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
    """client_timeout holds there too, and the client counts among those that were let go."""
    release = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application, threads=1, max_waiting=0, client_timeout=0.05)
    busy = asyncio.create_task(exchange(handler, http_scope("/busy")))
    await until(lambda: handler.stats().busy)
    client = Uploading()
    await asyncio.wait_for(uploading(handler, client, "/upload"), SECONDS)
    stats = handler.stats()
    assert (408, b"Request Timeout", 0, 1) == (client.status, client.body, stats.served, stats.stalled)
    release.set()
    await busy


async def test_early_start_where_no_thread_may_wait() -> None:
    """With max_waiting=0 too a request has a thread before its body is complete, as long as nobody else needs one."""
    site = Site()
    handler = ASGIHandler(site, max_waiting=0)
    upload = uploading(handler, Uploading(), "/upload")
    await until(lambda: site.read)
    assert {"/upload": b"first"} == site.read
    upload.cancel()
    await asyncio.wait([upload])


async def test_slow_client_is_not_one_that_stalls() -> None:
    """Where others need its place, who has gone on while its thread waited is let go after seconds, and who has not at once."""
    generation: Generation[Worker] = Generation(2, 0)
    pool = threads.ThreadPool(2)
    now = time.monotonic()
    let_go: list[str] = []
    slow, stalled = (Worker(pool, generation, name) for name in ("slow", "stalled"))
    for worker in (slow, stalled):
        worker.let_go = functools.partial(let_go.append, worker.name)
        worker.waits_since = now - 1.0
        generation.members.add(worker)
        generation.leave(worker)
    slow.has_seen_progress = True
    assert generation.let_go(threads.LONG_WAIT, now)
    assert not generation.let_go(threads.LONG_WAIT, now)
    assert ["stalled"] == let_go
    assert generation.let_go(threads.LONG_WAIT, now + 1.5)
    assert ["stalled", "slow"] == let_go


async def test_busy_processors_make_no_client_stall() -> None:
    """While nobody gets to serve them, clients seem to make no progress: they have seconds then, and else a moment."""
    pool = threads.ThreadPool(1)
    let_go: list[str] = []
    worker = Worker(pool, pool._generation, "stalled")
    worker.let_go = functools.partial(let_go.append, worker.name)
    worker.waits_since = time.monotonic() - 1.0
    pool._generation.members.add(worker)
    pool._generation.leave(worker)
    assert not pool.make_room(is_busy=True)
    assert [] == let_go
    assert pool.make_room(is_busy=False)
    assert ["stalled"] == let_go


async def test_queue_that_is_emptied_meanwhile() -> None:
    """A thread that begins to wait for its client looks at a queue that others empty without its lock."""
    generation: Generation[Worker] = Generation(1, 1)
    assert 5.0 == generation.waiting_since(5.0)


async def test_thread_that_ends_while_it_waits() -> None:
    """Whatever became of it, a thread that ends is not among those that wait any more."""
    pool, generation = threads.ThreadPool(1), Generation[Worker](1, 1)
    worker = Worker(pool, generation, "worker")
    generation.members.add(worker)
    generation.leave(worker)
    generation.forget(worker)
    assert (0, 0) == (generation.working, generation.waiting)


async def test_refused_thread_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request for which the system has no thread was never in the queue, and queue_timeout holds for others after it."""

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
    """A client is let go without the pool's lock: a log handler may look at it."""
    caplog.set_level(logging.INFO, "ginger_async_safe.asgi")
    handler = ASGIHandler(Site(), threads=1, max_waiting=0)
    seen: list[int] = []

    class Looking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(handler.stats().served)

    looking = Looking()
    logging.getLogger("ginger_async_safe.asgi").addHandler(looking)
    try:
        stalled = asking(handler, Stalled(), "/download")
        await until(lambda: handler.stats().waiting)
        assert b"/hello" == (await asyncio.wait_for(exchange(handler, http_scope("/hello")), SECONDS)).body
        await asyncio.wait([stalled])
    finally:
        logging.getLogger("ginger_async_safe.asgi").removeHandler(looking)
    assert isinstance(stalled.exception(), ClientDisconnected)
    assert seen


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tasks do not count cancellations before Python 3.11")
async def test_early_start_of_a_task_that_was_cancelled_before() -> None:
    """A cancellation that somebody has swallowed before is not taken for the server's."""
    handler = ASGIHandler(answering([b"early"]))
    client = Uploading()

    async def ask() -> None:
        current = asyncio.current_task()
        assert current is not None
        current.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        await handler(
            http_scope("/upload", method="POST", headers=[(b"content-length", b"9")]), client.receive, client.send
        )

    await asyncio.wait_for(asyncio.create_task(ask()), SECONDS)
    assert b"early" == client.body


# More threads where the processors have time


async def test_sleeping_requests_get_more_threads() -> None:
    """By default a request that has waited for 50 ms gets a thread of its own while nothing computes, up to 40."""
    site = Site()
    handler = ASGIHandler(site)
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(64)]
    await until(lambda: 40 == site.working)
    await asyncio.sleep(4 * threads.LONG_WAIT)  # there would be more by then
    assert (40, 40, 24) == (site.working, handler.stats().busy, handler.stats().queued)
    site.release.set()
    await asyncio.gather(*tasks)
    assert 40 == site.most


async def test_number_of_threads_that_is_given_holds() -> None:
    """``threads=N`` stays N, however long requests wait."""
    site = Site()
    handler = ASGIHandler(site, threads=3)
    tasks = [asyncio.create_task(exchange(handler, http_scope("/sleep"))) for _ in range(10)]
    await until(lambda: 3 == site.working)
    await asyncio.sleep(4 * threads.LONG_WAIT)
    site.release.set()
    await asyncio.gather(*tasks)
    assert 3 == site.most


async def test_no_more_threads_while_the_processors_are_busy() -> None:
    """Where the process computes, more threads would only slow down those that do."""
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
    """Later, when requests do not wait, no more work at once than at first."""
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
    """A number of threads that makes no sense is refused when the handler is made."""
    with pytest.raises(ConfigurationError, match=r"max_waiting=.*: give the number of threads .* 0 or more"):
        ASGIHandler(answering([]), max_waiting=value)


@pytest.mark.parametrize("value", [-1, "4", True])
async def test_bad_client_timeout(value: Any) -> None:
    """The same for seconds."""
    with pytest.raises(ConfigurationError, match=r"client_timeout=.*: give the seconds .* None for no limit"):
        ASGIHandler(answering([]), client_timeout=value)
