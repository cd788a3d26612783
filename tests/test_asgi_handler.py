"""ASGIHandler with the test driver; the real servers are in test_servers.py."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import itertools
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest
from _asgi import SECONDS, Client, exchange, held, http_scope, until
from asgiref.local import Local
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe import ConfigurationError, async_unsafe, in_async_context
from ginger_async_safe.asgi import ASGIHandler
from ginger_async_safe.asgi.body import WINDOW, Inbox
from ginger_async_safe.asgi.call import Call
from ginger_async_safe.asgi.exchange import Exchange
from ginger_async_safe.asgi.outbox import Outbox
from ginger_async_safe.asgi.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _asgi import Message

StartResponse = Any
Environ = dict[str, Any]

PLAIN = [("Content-Type", "text/plain")]

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("hop")]


def answering(*chunks: bytes, status: str = "200 OK", headers: list[tuple[str, str]] = PLAIN) -> Any:
    """Return a WSGI application that always sends the same response."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, headers)
        return list(chunks)

    return application


class Chunks:
    """An iterable of chunks that records its close()."""

    def __init__(self, chunks: Iterable[bytes], before: Callable[[int], None] = lambda index: None) -> None:
        self.chunks = chunks
        self.before = before
        self.threads: list[int] = []
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for index, chunk in enumerate(self.chunks):
            self.threads.append(threading.get_ident())
            self.before(index)
            yield chunk

    def close(self) -> None:
        self.threads.append(threading.get_ident())
        self.closed += 1


async def test_get() -> None:
    """The response has the application's status, headers and body."""
    client = await exchange(ASGIHandler(answering(b"hello, ", b"world", headers=[("X-Shop", "books"), *PLAIN])))
    assert (200, [(b"x-shop", b"books"), (b"content-type", b"text/plain")]) == (client.status, client.headers)
    assert b"hello, world" == client.body
    assert client.is_complete


async def test_post() -> None:
    """The application reads the body in pieces of any size, whatever pieces the server delivers."""
    read: list[bytes] = []

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        source = environ["wsgi.input"]
        read.extend([source.read(3), source.readline(), *source, source.read(), source.read(1)])
        start_response("201 Created", PLAIN)
        return []

    body = [b"ab", b"", b"cdefg\nsecond", b" line\nthird", b""]
    client = await exchange(ASGIHandler(application), http_scope(method="POST"), body)
    assert [b"abc", b"defg\n", b"second line\n", b"third", b"", b""] == read
    assert (201, b"") == (client.status, client.body)


async def test_streaming_sends_each_chunk_before_the_next_is_made() -> None:
    """A chunk is sent to the server before the application creates the next one."""
    arrived = threading.Semaphore(0)

    class Counting(Client):
        async def send(self, message: Message) -> None:
            await super().send(message)
            if "body" in message:
                arrived.release()

    client = Counting()

    def wait_for_earlier(index: int) -> None:
        assert not index or arrived.acquire(timeout=SECONDS)
        sent_before.append(client.body)

    sent_before: list[bytes] = []
    chunks = Chunks([b"1", b"2", b"3"], before=wait_for_earlier)

    def application(environ: Environ, start_response: StartResponse) -> Chunks:
        start_response("200 OK", PLAIN)
        return chunks

    await ASGIHandler(application)(http_scope(), client.receive, client.send)
    assert [b"", b"1", b"12"] == sent_before
    assert (b"123", True, 1) == (client.body, client.is_complete, chunks.closed)


async def test_one_thread_from_call_to_close() -> None:
    """The call, the iteration and close() run in one thread, which is not the loop's."""
    chunks = Chunks([b"1", b"2"])

    def application(environ: Environ, start_response: StartResponse) -> Chunks:
        chunks.threads.append(threading.get_ident())
        start_response("200 OK", PLAIN)
        return chunks

    await exchange(ASGIHandler(application))
    assert 1 == len(set(chunks.threads))
    assert threading.get_ident() not in chunks.threads


async def test_marked_calls_are_allowed() -> None:
    """No event loop waits for the application, so a marked call runs."""

    @async_unsafe
    def query() -> bytes:
        return b"rows"

    def application(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        assert not in_async_context()
        start_response("200 OK", PLAIN)
        yield query()

    client = await exchange(ASGIHandler(application))
    assert b"rows" == client.body


async def test_async_code_inside_and_sync_code_inside_that() -> None:
    """A view may call async code, which may call sync code, and that runs in the view's thread."""
    threads: list[int] = []

    def innermost() -> None:
        threads.append(threading.get_ident())

    async def inner() -> None:
        await sync_to_async(innermost)()

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        threads.append(threading.get_ident())
        async_to_sync(inner)()
        start_response("200 OK", PLAIN)
        return [b"done"]

    handler = ASGIHandler(application)
    for _ in range(20):
        client = await asyncio.wait_for(exchange(handler), 10)
        assert (200, b"done") == (client.status, client.body)
    assert 1 == len(set(threads))


async def test_context_variables_cross_both_ways() -> None:
    """The application has the server's context variables, and its changes are visible to the server."""
    variable = contextvars.ContextVar("variable", default="unset")

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        seen = variable.get()
        variable.set("from the application")
        return [seen.encode()]

    variable.set("from the server")
    client = await exchange(ASGIHandler(application))
    assert (b"from the server", "from the application") == (client.body, variable.get())


async def test_locals_of_asgiref_cross_both_ways() -> None:
    """The application has asgiref's Locals of the server, and its changes are visible to the server."""
    local = Local()

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        seen = local.name
        local.name = "from the application"
        return [seen.encode()]

    local.name = "from the server"
    client = await exchange(ASGIHandler(application))
    assert (b"from the server", "from the application") == (client.body, local.name)


@pytest.mark.parametrize("make", [list, iter], ids=["list", "stream"])
async def test_server_sends_in_its_own_task(make: Callable[[list[bytes]], Iterable[bytes]]) -> None:
    """The server's send() is called in the task that called the handler, and in that task's context."""
    variable = contextvars.ContextVar("variable", default="unset")
    found: list[tuple[object, str]] = []

    class Noting(Client):
        async def send(self, message: Message) -> None:
            found.append((asyncio.current_task(), variable.get()))

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        return make([b"a", b"b"])

    client = Noting()
    variable.set("of the server")
    await ASGIHandler(application)(http_scope(), client.receive, client.send)
    assert {(asyncio.current_task(), "of the server")} == set(found)


async def test_validator() -> None:
    """The validator of wsgiref accepts the handler as a WSGI server."""

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read(10)
        start_response("200 OK", PLAIN)
        return [b"valid"]

    client = await exchange(ASGIHandler(validator(application)), http_scope("/books", query_string=b"q=1"))
    assert (200, b"valid") == (client.status, client.body)


async def test_write() -> None:
    """What the application writes is sent before what it returns."""

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", PLAIN)
        write(b"written, ")
        return [b"returned"]

    client = await exchange(ASGIHandler(application))
    assert (b"written, returned", True) == (client.body, client.is_complete)


async def test_error_before_the_first_byte_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    """An application that fails before it has sent anything gets a 500, and the log has the traceback."""

    def application(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        raise LookupError("no such book")
        yield b""

    client = await exchange(ASGIHandler(application))
    assert (500, b"Internal Server Error") == (client.status, client.body)
    assert [("ginger_async_safe.asgi", logging.ERROR, "GET / failed")] == caplog.record_tuples
    assert "no such book" in caplog.text


async def test_error_after_the_first_byte_ends_the_connection() -> None:
    """An error after the first byte propagates to the server, which must not end the response normally."""

    def fail_at_second(index: int) -> None:
        if index:
            raise KeyError

    chunks = Chunks([b"1", b"2"], before=fail_at_second)

    def application(environ: Environ, start_response: StartResponse) -> Chunks:
        start_response("200 OK", PLAIN)
        return chunks

    client = Client()
    with pytest.raises(KeyError):
        await ASGIHandler(application)(http_scope(), client.receive, client.send)
    assert (b"1", False, 1) == (client.body, client.is_complete, chunks.closed)


async def test_exc_info_replaces_what_is_not_sent() -> None:
    """start_response with exc_info replaces a response that has not been sent yet, as PEP 3333 says."""

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        try:
            raise LookupError  # noqa: TRY301 - what a failed application would raise
        except LookupError as error:
            start_response("404 Not Found", PLAIN, (type(error), error, error.__traceback__))
        return [b"gone"]

    client = await exchange(ASGIHandler(application))
    assert (404, b"gone") == (client.status, client.body)


async def test_exc_info_raises_once_sent() -> None:
    """start_response with exc_info raises that error if the response has begun."""

    def application(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        yield b"1"
        try:
            raise LookupError("too late")  # noqa: TRY301 - what a failed application would raise
        except LookupError as error:
            start_response("404 Not Found", PLAIN, (type(error), error, error.__traceback__))

    with pytest.raises(LookupError, match="too late"):
        await exchange(ASGIHandler(application))


@pytest.mark.parametrize(
    "application",
    [
        pytest.param(lambda environ, start: [b"never started"], id="no start_response"),
        pytest.param(lambda environ, start: (start("200 OK", PLAIN), start("200 OK", PLAIN), [])[2], id="twice"),
        pytest.param(answering(b"", status="OK"), id="status without code"),
        pytest.param(answering(b"", status="200 OK\r\nX: 1"), id="status with newline"),
        pytest.param(answering(b"", headers=[("X-Shop", "a\r\nSet-Cookie: b")]), id="header injection"),
        pytest.param(answering(b"", headers=[("X Shop", "a")]), id="bad header name"),
        pytest.param(answering("text", headers=PLAIN), id="str body"),  # type: ignore[arg-type]
        pytest.param(answering(b"four", headers=[("Content-Length", "5")]), id="shorter than Content-Length"),
        pytest.param(answering(b"four", headers=[("Content-Length", "many")]), id="bad Content-Length"),
    ],
)
async def test_misbehaving_applications_are_500(application: Any) -> None:
    """What an application must not do is a 500, and the loop is not affected."""
    client = await exchange(ASGIHandler(application))
    assert (500, True) == (client.status, client.is_complete)


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
async def test_no_body_where_http_has_none(method: str, status: str) -> None:
    """HEAD, 204 and 304 are answered without a body, whatever the application returns."""
    client = await exchange(ASGIHandler(answering(b"body", status=status)), http_scope(method=method))
    assert (int(status[:3]), b"", True) == (client.status, client.body, client.is_complete)


async def test_client_that_leaves_stops_the_generator() -> None:
    """When the client disconnects, the application is not asked for more chunks, and close() runs."""
    client = Client()
    loop = asyncio.get_running_loop()
    left = threading.Event()
    handler = ASGIHandler(lambda environ, start: chunks)
    made: list[int] = []

    def leave(index: int) -> None:
        made.append(index)
        if index == 2:
            loop.call_soon_threadsafe(client.left.set)
        if index > 2:
            left.wait(0.001)

    def endless() -> Iterator[bytes]:
        while len(made) < 100_000:
            yield b"."

    chunks = Chunks(endless(), before=leave)

    def application(environ: Environ, start_response: StartResponse) -> Chunks:
        start_response("200 OK", PLAIN)
        return chunks

    handler = ASGIHandler(application)
    await handler(http_scope(), client.receive, client.send)
    assert 1 == chunks.closed
    assert len(made) < 100_000
    assert not client.is_complete


async def test_upload_that_breaks_off() -> None:
    """An application that reads the body of a disconnected client gets a ConnectionError, not a shorter body."""
    errors: list[type] = []

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except ConnectionError as error:
            errors.append(type(error))
            raise
        return []

    client = Client([bytes(WINDOW), b"never sent"], leaves=True)
    client.incoming.pop()
    await ASGIHandler(application)(http_scope(method="POST"), client.receive, client.send)
    assert ["ClientDisconnected"] == [error.__name__ for error in errors]


async def test_client_that_left_before_the_call() -> None:
    """The application is not called for a request whose client has already disconnected."""
    ran: list[bool] = []

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        ran.append(True)
        return []

    client = Client([], leaves=True)
    await ASGIHandler(application)(http_scope(), client.receive, client.send)
    assert ([], []) == (ran, client.sent)


async def test_cancelled_request_gives_its_thread_back() -> None:
    """A cancelled request stops at its next chunk, and its thread serves the next request."""
    client = Client()
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def say_so(index: int) -> None:
        loop.call_soon_threadsafe(started.set)

    chunks = Chunks((b"." for _ in range(100_000)), before=say_so)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        return chunks if environ["PATH_INFO"] == "/endless" else [b"next"]

    handler = ASGIHandler(application, threads=1)
    task = asyncio.create_task(handler(http_scope("/endless"), client.receive, client.send))
    await asyncio.wait_for(started.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = await asyncio.wait_for(exchange(handler), 10)
    assert b"next" == after.body
    await until(lambda: chunks.closed)


async def test_more_requests_than_threads_queue_in_order() -> None:
    """Requests beyond the number of threads wait, and run in the order in which they arrived."""
    order: list[str] = []
    release = threading.Event()

    handler = ASGIHandler(held(release, order), threads=1)
    paths = [f"/{number}" for number in range(10)]
    tasks = [asyncio.create_task(exchange(handler, http_scope(path))) for path in paths]
    await until(lambda: order)
    assert ["/0"] == order
    release.set()
    await asyncio.gather(*tasks)
    assert paths == order


async def test_at_most_the_given_number_of_threads() -> None:
    """A hundred requests at once run in no more threads than the handler may have."""
    threads: set[int] = set()

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        threads.add(threading.get_ident())
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application, threads=3)
    await asyncio.gather(*(exchange(handler) for _ in range(100)))
    assert len(threads) <= 3


async def test_lifespan() -> None:
    """The server's lifespan is answered, and ends the idle threads."""
    leased: list[threading.Thread] = []

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        leased.append(threading.current_thread())
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application)
    await exchange(handler)
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await handler({"type": "lifespan"}, receive, send)
    assert [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}] == sent
    await asyncio.to_thread(leased[0].join, 10)
    assert not leased[0].is_alive()


async def test_websocket_is_refused() -> None:
    """A websocket is closed before it is accepted."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await ASGIHandler(answering())({"type": "websocket"}, receive, send)
    assert [{"type": "websocket.close", "code": 1000}] == sent


async def test_unknown_scope_is_refused_by_name() -> None:
    """A connection of an unknown type is refused with an error that names the type."""
    client = Client()
    with pytest.raises(ValueError, match="'webtransport'"):
        await ASGIHandler(answering())({"type": "webtransport"}, client.receive, client.send)


@pytest.mark.parametrize("application", [None, "shop.wsgi", exchange])
async def test_not_a_wsgi_application(application: Any) -> None:
    """Anything but a sync callable is refused when the handler is created."""
    with pytest.raises(ConfigurationError, match="pass a sync callable that takes environ and start_response"):
        ASGIHandler(application)


@pytest.mark.parametrize("threads", [0, -1, "4", 1.5, True])
async def test_bad_number_of_threads(threads: Any) -> None:
    """An invalid number of threads is refused when the handler is created."""
    with pytest.raises(ConfigurationError, match="1 or more"):
        ASGIHandler(answering(), threads=threads)


def left_to_the_garbage_collector() -> list[str]:
    """Return the names of this library's objects that are alive although nothing refers to them."""
    return [
        type(each).__name__ for each in gc.get_objects() if isinstance(each, (Call, Exchange, Response, Inbox, Outbox))
    ]


@pytest.fixture
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    logging.disable()  # pytest keeps what is logged, with its traceback
    yield
    logging.disable(logging.NOTSET)
    gc.enable()


@pytest.mark.usefixtures("_no_garbage_collection")
@pytest.mark.parametrize(
    ("application", "body"),
    [
        (answering(b"all of it"), [b""]),
        (lambda *request: iter(answering(b"a", b"b")(*request)), [b""]),
        (lambda environ, start: answering(environ["wsgi.input"].read())(environ, start), [b"up"] * 3),
        (answering(b"read nothing"), [bytes(WINDOW)] * 3),
        (lambda environ, start: start("200 OK", PLAIN)(b"written") or [], [b""]),
    ],
    ids=["list", "iterator", "upload", "upload left", "write"],
)
async def test_requests_leave_no_garbage(application: Any, body: list[bytes]) -> None:
    """Everything that a request needs is freed when it ends: under load, full collections took a tenth of a second."""
    handler = ASGIHandler(application)
    for _ in range(3):
        assert 200 == (await exchange(handler, body=body)).status
    await until(lambda: not handler.stats().busy and not left_to_the_garbage_collector())


@pytest.mark.usefixtures("_no_garbage_collection")
async def test_failures_leave_no_garbage() -> None:
    """The same is true for a request that fails, early or late, or whose client disconnects."""

    def late(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        yield b"."
        raise LookupError

    handler = ASGIHandler(late)
    with pytest.raises(LookupError):
        await exchange(handler)
    early = ASGIHandler(lambda environ, start_response: [b"no start"])
    assert 500 == (await exchange(early)).status
    client = Client([b""], leaves=True)
    endless = ASGIHandler(lambda *request: itertools.cycle(answering(b".")(*request)))
    await endless(http_scope(), client.receive, client.send)
    await until(lambda: not endless.stats().busy and not left_to_the_garbage_collector())


def waiting_for_async_code(begun: list[str]) -> Any:
    """Return an application that waits endlessly for async code."""

    async def forever() -> None:
        begun.append("async code")
        await asyncio.Event().wait()

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        async_to_sync(forever)()
        return []

    return application


def streams_forever(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Send until the client disconnects."""
    start_response("200 OK", PLAIN)
    return itertools.repeat(b".")


@pytest.mark.usefixtures("_no_garbage_collection")
@pytest.mark.parametrize(
    "wait",
    [
        "thread",
        "queue",
        "body",
        "response",
        pytest.param(
            "async code",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 11),
                reason="a frame of Python 3.10 keeps its caller's, and asgiref's Local leaves one to the collector",
            ),
        ),
    ],
)
async def test_cancelled_requests_leave_no_garbage(wait: str, hop: str) -> None:
    """The same is true for a request that is cancelled, whatever it waits for."""
    release = threading.Event()
    begun: list[str] = []
    applications: dict[str, Any] = {"response": streams_forever, "async code": waiting_for_async_code(begun)}
    handler = ASGIHandler(applications.get(wait, held(release, begun, b"held")), threads=1)
    others = [asyncio.create_task(exchange(handler))] if wait == "queue" else []
    await until(lambda: len(begun) == len(others))
    client = Client([b"a piece", b"the rest"] if wait == "body" else [b""])
    if wait == "body":
        client.incoming.pop()
    task = asyncio.create_task(handler(http_scope(method="POST"), client.receive, client.send))
    conditions: dict[str, Callable[[], object]] = {
        "thread": lambda: begun,
        "queue": lambda: handler.stats().queued,
        "body": lambda: not client.incoming,
        "response": lambda: client.sent,
        "async code": lambda: begun,
    }
    await until(conditions[wait])
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    release.set()
    await asyncio.gather(*others)
    del task
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    if hop == "asgiref":
        gc.collect()  # from Python 3.14 on, asgiref's objects for it are freed later
    await until(lambda: not left_to_the_garbage_collector())


@pytest.mark.usefixtures("_no_garbage_collection")
@pytest.mark.parametrize("call", ["receive", "receive later", "receive while the thread runs", "send"])
async def test_server_that_fails_leaves_no_garbage(call: str) -> None:
    """The same is true for a request whose server raises an error in receive(), early or late, or in send()."""
    client = Client([b"a piece", b"the rest"])

    async def receive() -> Message:
        if call == "receive while the thread runs":
            await until(lambda: handler.stats().busy + handler.stats().waiting)
        if call.startswith("receive") and (call != "receive later" or len(client.incoming) < 2):
            raise LookupError
        return await client.receive()

    async def send(message: Message) -> None:
        if call == "send":
            raise LookupError
        await client.send(message)

    handler = ASGIHandler(streams_forever)
    scope = http_scope(method="POST", headers=[(b"content-length", b"15")])
    task = asyncio.create_task(handler(scope, receive, send))
    await asyncio.wait([task])
    assert isinstance(task.exception(), LookupError)
    del task
    await until(lambda: not handler.stats().busy + handler.stats().waiting)
    if call == "send":
        gc.collect()  # on Python 3.12, the error's traceback may be kept until then
    await until(lambda: not left_to_the_garbage_collector())
