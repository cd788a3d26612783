"""What ASGIHandler guarantees to applications and clients: responses, errors, close(), bodies, and who has a thread."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import PLAIN, SECONDS, Answer, Client, answering, exchange, held, http_scope, until
from asgiref.sync import async_to_sync

from ginger_async_safe import ConfigurationError
from ginger_async_safe.asgi import ASGIHandler, LeasedThreads
from ginger_async_safe.asgi.body import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _asgi import Environ, Message

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("hop")]


class Stuck(Client):
    """A client that reads nothing: sending to it does not return until it continues."""

    def __init__(self, body: Iterable[bytes] = (b"",)) -> None:
        super().__init__(body)
        self.goes_on = asyncio.Event()

    async def send(self, message: Message) -> None:
        """Receive a message once the client reads."""
        await self.goes_on.wait()
        await super().send(message)


class Counting(Client):
    """A client that counts how often the server calls receive()."""

    received = 0

    async def receive(self) -> Message:
        """Return the next message from the client."""
        self.received += 1
        return await super().receive()


def is_idle(handler: ASGIHandler | LeasedThreads) -> Callable[[], bool]:
    """Return a function that returns whether no request has a thread, or waits for one."""
    return lambda: (0, 0, 0) == (handler.stats().busy, handler.stats().waiting, handler.stats().queued)


# How a response ends


@pytest.mark.parametrize(("method", "chunk"), [("GET", b""), ("GET", b"."), ("HEAD", b"")])
async def test_client_that_leaves_an_endless_answer(method: str, chunk: bytes) -> None:
    """An endless response stops when its client disconnects, even if none of its chunks is sent."""
    client = Client()
    answer = Answer(itertools.repeat(chunk))
    handler = ASGIHandler(answering(answer))
    task = asyncio.create_task(handler(http_scope(method=method), client.receive, client.send))
    await until(lambda: answer.made > 3)
    client.left.set()
    await asyncio.wait_for(task, SECONDS)
    await until(is_idle(handler))
    assert (1, 1) == (answer.closed, len(answer.threads))


async def test_client_that_leaves_stops_write() -> None:
    """An application that writes endlessly is stopped when its client disconnects."""
    client = Client()
    stopped: list[type] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", PLAIN)
        try:
            while True:
                write(b".")
        except ConnectionError as error:
            stopped.append(type(error))
            raise

    handler = ASGIHandler(application)
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    await until(lambda: client.body)
    client.left.set()
    await asyncio.wait_for(task, SECONDS)
    assert ["ClientDisconnected"] == [error.__name__ for error in stopped]


async def test_oserror_of_send_is_a_disconnect() -> None:
    """An OSError from send() is a disconnect (ASGI HTTP 2.4): the response stops, and nothing is raised."""
    answer = Answer(itertools.repeat(b"."))
    client = Client()

    async def send(message: Message) -> None:
        raise BrokenPipeError

    await asyncio.wait_for(ASGIHandler(answering(answer))(http_scope(), client.receive, send), SECONDS)
    assert 1 == answer.closed


@pytest.mark.parametrize("where", ["send", "receive"])
async def test_server_that_fails(where: str) -> None:
    """An error of the server's own receive() or send() propagates to it, and the response stops."""
    answer = Answer(itertools.repeat(b"."))
    client = Client()

    async def send(message: Message) -> None:
        if where == "send":
            raise LookupError("the server failed")

    async def receive() -> Message:
        if not client.incoming:
            raise LookupError("the server failed")
        return await client.receive()

    handler = ASGIHandler(answering(answer))
    with pytest.raises(LookupError, match="the server failed"):
        await asyncio.wait_for(handler(http_scope(), receive, send), SECONDS)
    await until(is_idle(handler))
    assert (1, 1) == (answer.closed, len(answer.threads))


async def test_server_that_fails_while_the_body_is_read() -> None:
    """If the server fails while an application waits for a body, the application gets an error, and its thread is free again."""
    errors: list[type] = []
    client = Client([bytes(WINDOW), b""])
    client.incoming.pop()

    async def receive() -> Message:
        if not client.incoming:
            raise LookupError("the server failed")
        return await client.receive()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except ConnectionError as error:
            errors.append(type(error))
        start_response("200 OK", PLAIN)
        return []

    with pytest.raises(LookupError, match="the server failed"):
        await asyncio.wait_for(ASGIHandler(application)(http_scope(), receive, client.send), SECONDS)
    assert ["ClientDisconnected"] == [error.__name__ for error in errors]


@pytest.mark.parametrize("stage", ["first", "later", "close"])
@pytest.mark.parametrize("error", [LookupError, SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
async def test_close_after_every_failure(stage: str, error: type[BaseException]) -> None:
    """However and wherever the application fails, close() runs once, in its thread, and the thread serves other requests."""

    class Failing(Answer):
        def close(self) -> None:
            super().close()
            if stage == "close":
                raise error

    def chunks() -> Iterator[bytes]:
        if stage == "later":
            yield b"."
        if stage != "close":
            raise error

    answer = Failing(chunks())
    handler = ASGIHandler(answering(answer), threads=1)
    client = Client()
    raised: list[type] = []
    try:
        await asyncio.wait_for(handler(http_scope(), client.receive, client.send), SECONDS)
    except Exception as found:  # noqa: BLE001 - the test checks its type
        raised.append(type(found))
    late = [error if issubclass(error, Exception) else RuntimeError]  # never an error that would end the loop
    expected = {"first": (500, True, []), "later": (200, False, late), "close": (200, True, [])}[stage]
    assert expected == (client.status, client.is_complete, raised)
    await until(is_idle(handler))
    assert (1, 1, 1) == (answer.closed, len(answer.threads), handler.stats().idle)


async def test_failing_close_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    """If both the application and close() fail, both errors are in the log, and the client gets the 500."""

    def chunks() -> Iterator[bytes]:
        raise LookupError("the first error")
        yield b""

    client = await exchange(ASGIHandler(answering(Answer(chunks(), fails=True))))
    assert (500, True) == (client.status, client.is_complete)
    assert ["GET /: close() failed, the response stands", "GET / failed"] == caplog.messages
    assert "the first error" in caplog.text


async def test_cancelled_while_the_view_waits_for_async_code() -> None:
    """Cancelling a request cancels the async code that its view waits for, so that its thread is free again."""
    waiting = asyncio.Event()

    async def forever() -> None:
        waiting.set()
        await asyncio.Event().wait()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        async_to_sync(forever)()
        return []

    handler = ASGIHandler(application, threads=1)
    client = Client()
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    await asyncio.wait_for(waiting.wait(), SECONDS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(is_idle(handler))
    assert [] == client.sent


# The response


@pytest.mark.parametrize(
    ("length", "chunks", "expected"),
    [
        ("3", [b"four"], (200, b"fou", True)),
        ("3", [b"fo", b"ur", b"more"], (200, b"fou", True)),
        ("0", [b"four"], (200, b"", True)),
        (" 4\t", [b"four"], (200, b"four", True)),
        ("5", [b"four"], (500, b"Internal Server Error", True)),
        ("5", [], (500, b"Internal Server Error", True)),
        ("-1", [], (500, b"Internal Server Error", True)),
        ("1_0", [b"0123456789"], (500, b"Internal Server Error", True)),
        ("9" * 5000, [], (500, b"Internal Server Error", True)),
        ("4", [b"", b"fo", b"ur"], (200, b"four", True)),
        ("0", [], (200, b"", True)),
    ],
)
async def test_content_length(length: str, chunks: list[bytes], expected: Any) -> None:
    """A list that is shorter than its Content-Length is a 500; a longer one is cut off at that length."""
    client = await exchange(ASGIHandler(answering(chunks, [("Content-Length", length)])))
    assert expected == (client.status, client.body, client.is_complete)


async def test_stream_that_is_too_short() -> None:
    """A stream with fewer bytes than its Content-Length ends the connection, so that the client notices."""
    client = Client()
    answer = Answer(iter([b"fo", b"ur"]))
    with pytest.raises(ValueError, match="Content-Length"):
        await ASGIHandler(answering(answer, [("Content-Length", "5")]))(http_scope(), client.receive, client.send)
    assert (200, b"four", False, 1) == (client.status, client.body, client.is_complete, answer.closed)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5])
async def test_stream_that_is_too_long(length: int, caplog: pytest.LogCaptureFixture) -> None:
    """Of an endless stream, exactly the announced number of bytes is sent, close() runs, and one line is logged."""
    answer = Answer(itertools.repeat(b"ab"))
    client = await exchange(ASGIHandler(answering(answer, [("Content-Length", str(length))])))
    assert (200, b"ababa"[:length], True) == (client.status, client.body, client.is_complete)
    assert (1, length // 2 + 1) == (answer.closed, answer.made)
    expected = "GET /: the body is longer than its Content-Length; the bytes beyond are not sent (PEP 3333)"
    assert [("ginger_async_safe.asgi", logging.WARNING, expected)] == caplog.record_tuples


async def test_stream_of_its_length_is_iterated_to_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """A stream that has yielded the announced number of bytes may run code after its last chunk, and nothing is logged."""
    answer = Answer(iter([b"fo", b"ur", b""]))
    client = await exchange(ASGIHandler(answering(answer, [("Content-Length", "4")])))
    assert (b"four", True, 3, []) == (client.body, client.is_complete, answer.made, caplog.messages)


@pytest.mark.parametrize("catches", [True, False])
async def test_write_beyond_the_length(catches: bool) -> None:
    """write() raises an error if the application writes too much, and the response is complete nevertheless."""
    raised: list[type] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [("Content-Length", "3")])
        for _ in range(3):
            try:
                write(b"ab")
            except ValueError as error:  # noqa: PERF203 - each call has to raise
                raised.append(type(error))
                if not catches:
                    raise
        return []

    client = await exchange(ASGIHandler(application))
    assert (200, b"aba", True) == (client.status, client.body, client.is_complete)
    assert [ValueError] * (2 if catches else 1) == raised


async def test_failure_after_the_last_byte(caplog: pytest.LogCaptureFixture) -> None:
    """An error after the last byte that Content-Length announces is logged, and the response is complete."""

    def chunks() -> Iterator[bytes]:
        yield b"four"
        raise LookupError

    client = await exchange(ASGIHandler(answering(chunks(), [("Content-Length", "4")])))
    assert (b"four", True, ["GET / failed"]) == (client.body, client.is_complete, caplog.messages)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_no_length_where_there_is_no_body(method: str, status: str) -> None:
    """A Content-Length with status 204 or 304 is not sent on (RFC 9110 8.6); the other headers are."""
    headers = [("Content-Length", "4"), ("ETag", '"1"')]
    client = await exchange(ASGIHandler(answering([b"four"], headers, status)), http_scope(method=method))
    assert ([(b"etag", b'"1"')], b"", True) == (client.headers, client.body, client.is_complete)


async def test_length_of_an_answer_to_head() -> None:
    """A response to HEAD keeps the Content-Length of the response to GET."""
    client = await exchange(ASGIHandler(answering([b"four"], [("Content-Length", "4")])), http_scope(method="HEAD"))
    assert ([(b"content-length", b"4")], b"") == (client.headers, client.body)


@pytest.mark.parametrize(
    "name", ["Connection", "keep-alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailers", "UPGRADE"]
)
async def test_hop_by_hop_fields(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A hop-by-hop header is the server's alone (PEP 3333): setting one is a 500, and the log names it."""
    client = await exchange(ASGIHandler(answering([], [(name, "close")])))
    assert (500, True) == (client.status, client.is_complete)
    assert f"the application sets {name}, a field between the server and its peer; remove it (PEP 3333" in caplog.text


async def test_values_without_white_space() -> None:
    """White space around a header's value is not sent on, white space inside it is (RFC 9110 5.5)."""
    client = await exchange(ASGIHandler(answering([], [("Set-Cookie", " a=1; b"), ("X", "\t a\tb \t"), ("Y", " ")])))
    assert [(b"set-cookie", b"a=1; b"), (b"x", b"a\tb"), (b"y", b"")] == client.headers


async def test_two_lengths_that_differ() -> None:
    """Two different Content-Length headers are refused (RFC 9110 8.6)."""
    client = await exchange(ASGIHandler(answering([b"a"], [("Content-Length", "1"), ("Content-Length", "2")])))
    assert 500 == client.status


async def test_two_lengths_that_agree() -> None:
    """Two equal Content-Length headers are sent once (RFC 9110 8.6)."""
    headers = [("Content-Length", "1"), ("content-length", "1 "), ("X", "a")]
    client = await exchange(ASGIHandler(answering([b"a"], headers)))
    assert ([(b"x", b"a"), (b"content-length", b"1")], b"a") == (client.headers, client.body)


async def test_refused_start_response_changes_nothing() -> None:
    """After a refused start_response, the application may start a valid response."""

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        for bad in ("many", "1\r\nX: 1"):
            with pytest.raises(ValueError, match="Content-Length"):
                start_response("200 OK", [("Content-Length", bad)])
        start_response("404 Not Found", [("Content-Length", "4")])
        return [b"none"]

    client = await exchange(ASGIHandler(application))
    assert (404, b"none") == (client.status, client.body)


async def test_headers_from_an_iterator() -> None:
    """Headers are read once, so the Content-Length from an iterator of headers is checked, too."""
    headers: Any = iter([("Content-Length", "3")])
    client = await exchange(ASGIHandler(answering([b"four"], headers)))
    assert b"fou" == client.body


@pytest.mark.parametrize(
    "status", ["100 Continue", "101 Switching", "099 No", "600 No", "999 No", "1", "20 OK", "2000 OK", "200OK", ""]
)
async def test_no_status_of_a_response(status: str) -> None:
    """Anything but the status of a final response is refused."""
    client = await exchange(ASGIHandler(answering([], status=status)))
    assert 500 == client.status


async def test_second_start_response() -> None:
    """A second start_response without exc_info is refused; with exc_info it replaces the first."""

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-First", "1")])
        with pytest.raises(AssertionError, match="exc_info"):
            start_response("201 Created", [])
        error = LookupError()
        start_response("404 Not Found", [], (LookupError, error, error.__traceback__))
        return []

    client = await exchange(ASGIHandler(application))
    assert (404, []) == (client.status, client.headers)


@pytest.mark.parametrize("how", ["write", "start_response"])
async def test_nothing_is_sent_after_the_end(how: str) -> None:
    """What close() tries to send after the end of the response is refused, and the response is unchanged."""
    refused: list[type] = []

    class Late(Answer):
        def close(self) -> None:
            super().close()
            try:
                self.write(b"late") if how == "write" else self.start("200 OK", PLAIN)
            except AssertionError as error:
                refused.append(type(error))

        write: Any
        start: Any

    answer = Late([b"whole"])

    def application(environ: Environ, start_response: Any) -> Answer:
        answer.start = start_response
        answer.write = start_response("200 OK", PLAIN)
        return answer

    client = await exchange(ASGIHandler(application))
    assert (b"whole", True, [AssertionError]) == (client.body, client.is_complete, refused)


async def test_write_waits_for_a_slow_client() -> None:
    """An application that writes faster than its client reads waits when the window is full."""
    written: list[int] = []
    client = Stuck()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", PLAIN)
        for _ in range(100):
            write(bytes(WINDOW // 4))
            written.append(1)
        return []

    task = asyncio.create_task(ASGIHandler(application)(http_scope(), client.receive, client.send))
    await until(lambda: len(written) >= 3)
    client.goes_on.set()
    await asyncio.wait_for(task, SECONDS)
    assert (25 * WINDOW, True) == (len(client.body), client.is_complete)


async def test_file_wrapper() -> None:
    """A file in wsgi.file_wrapper is sent completely, and closed."""
    file = io.BytesIO(bytes(range(256)) * 1000)
    whole = file.getvalue()

    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", PLAIN)
        return environ["wsgi.file_wrapper"](file, 1000)

    client = await exchange(ASGIHandler(application))
    assert (whole, True, True) == (client.body, client.is_complete, file.closed)


@pytest.mark.parametrize("answer", [None, 5, "text", b"bytes", [None], [bytearray(b"a")], object()])
async def test_wrong_types(answer: Any) -> None:
    """Anything but an iterable of bytes is a 500."""
    client = await exchange(ASGIHandler(answering(answer)))
    assert (500, True) == (client.status, client.is_complete)


# The request's body


async def test_body_ends() -> None:
    """wsgi.input ends where the body does, as wsgi.input_terminated promises."""
    read: list[Any] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"]
        read.extend([environ["wsgi.input_terminated"], body.read(4), body.read(), body.read(), body.readline()])
        start_response("200 OK", PLAIN)
        return []

    await exchange(ASGIHandler(application), http_scope(method="POST"), [b"one", b" two"])
    assert [True, b"one ", b"two", b"", b""] == read


@pytest.mark.parametrize("reads", [False, True])
async def test_expect(reads: bool) -> None:
    """The server is asked for the body, and so sends 100 Continue, only when the application reads."""
    client = Counting([b"body"])
    before: list[int] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        before.append(client.received)
        start_response("200 OK", PLAIN)
        return [environ["wsgi.input"].read() if reads else b"unread"]

    scope = http_scope(method="POST", headers=[(b"expect", b"100-continue"), (b"content-length", b"4")])
    await asyncio.wait_for(ASGIHandler(application)(scope, client.receive, client.send), SECONDS)
    assert ([0], b"body" if reads else b"unread") == (before, client.body)
    assert reads == bool(client.received)


@pytest.mark.parametrize("length", [b"11", b"9" * 5000])
@pytest.mark.parametrize("expects_first", [False, True])
async def test_too_large_by_its_length(length: bytes, expects_first: bool) -> None:
    """A body whose Content-Length is too large is refused with 413, without receiving it."""
    headers = [(b"content-length", length), (b"expect", b"100-continue")]
    client = Counting([b"body"])
    ran: list[Environ] = []
    handler = ASGIHandler(lambda environ, start: ran.append(environ) or [], max_body=10)  # type: ignore[func-returns-value]
    scope = http_scope(method="POST", headers=headers[::-1] if expects_first else headers)
    await handler(scope, client.receive, client.send)
    assert (413, True, 0, []) == (client.status, client.is_complete, client.received, ran)


async def test_too_large_without_a_length() -> None:
    """A body without a length that is too large is refused with 413, and the rest of it is not received."""
    client = Counting([b"12345678"] * 5)
    ran: list[Environ] = []
    handler = ASGIHandler(lambda environ, start: ran.append(environ) or [], max_body=10)  # type: ignore[func-returns-value]
    await handler(http_scope(method="POST"), client.receive, client.send)
    assert (413, True, 2, []) == (client.status, client.is_complete, client.received, ran)
    assert (0, 0) == (handler.stats().served, handler.stats().queued)


async def test_too_large_beyond_the_window() -> None:
    """A body that is found too large while it is read raises an error in the application: a 413 if that propagates."""
    client = Counting([bytes(WINDOW)] * 8)

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        return []

    handler = ASGIHandler(application, max_body=3 * WINDOW)
    await asyncio.wait_for(handler(http_scope(method="POST"), client.receive, client.send), SECONDS)
    assert (413, True, 4) == (client.status, client.is_complete, client.received)


async def test_largest_body() -> None:
    """A body of the largest allowed size is accepted."""
    handler = ASGIHandler(lambda environ, start: answering([environ["wsgi.input"].read()])(environ, start), max_body=10)
    client = await exchange(handler, http_scope(method="POST"), [b"12345", b"67890"])
    assert (200, b"1234567890") == (client.status, client.body)


@pytest.mark.parametrize(("name", "value"), [("max_body", -1), ("max_body", "1"), ("queue_timeout", float("nan"))])
async def test_bad_limits(name: str, value: Any) -> None:
    """An invalid limit is refused by name."""
    with pytest.raises(ConfigurationError, match=name):
        ASGIHandler(answering([]), **{name: value})


async def test_bad_limit_of_leased_threads() -> None:
    """The middleware refuses it, too."""
    with pytest.raises(ConfigurationError, match="queue_timeout"):
        LeasedThreads(exchange, queue_timeout=-1)  # type: ignore[arg-type]


async def test_asgi_application_by_mistake() -> None:
    """An ASGI application is refused when the handler is created, also an object with ``__call__``."""
    with pytest.raises(ConfigurationError, match="LeasedThreads is not one"):
        ASGIHandler(LeasedThreads(exchange))  # type: ignore[arg-type]


async def test_server_that_repeats_the_end_of_the_body() -> None:
    """A receive() that never waits, like that of simple test clients, does not block the loop."""
    answer = Answer(iter([b"a", b"b"]))
    client = Client()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await asyncio.wait_for(ASGIHandler(answering(answer))(http_scope(), receive, client.send), SECONDS)
    assert (b"ab", True) == (client.body, client.is_complete)


async def test_body_that_is_read_after_the_response() -> None:
    """Reading the rest of the body after the response has ended raises an error, and does not wait forever."""
    kept: list[Any] = []
    client = Client([bytes(WINDOW), bytes(WINDOW), b"never sent"])
    client.incoming.pop()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        kept.append(environ["wsgi.input"])
        start_response("200 OK", PLAIN)
        return []

    await asyncio.wait_for(ASGIHandler(application)(http_scope(), client.receive, client.send), SECONDS)
    with pytest.raises(ConnectionError, match="the response has ended"):
        await asyncio.wait_for(asyncio.to_thread(kept[0].read), SECONDS)


# Which request holds a thread


def is_waiting(thread: int) -> bool:
    """Return whether a thread waits for an event."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_code is not threading.Event.wait.__code__:
        frame = frame.f_back
    return frame is not None


@pytest.mark.parametrize("size", [1, 1000, WINDOW])
async def test_client_that_reads_nothing(size: int) -> None:
    """A client that reads nothing stops the generator after a bounded number of chunks and bytes."""
    client = Stuck()
    answer = Answer(itertools.repeat(bytes(size)))
    handler = ASGIHandler(answering(answer))
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    most = max(2, 2 * WINDOW // (size + 1024))
    await until(lambda: answer.made > min(200, WINDOW // (size + 1024)))
    await until(lambda: is_waiting(next(iter(answer.threads))))  # an unbounded generator would never wait
    assert answer.made <= most
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(is_idle(handler))
    assert (1, 1) == (answer.closed, len(answer.threads))


@pytest.mark.parametrize("make", [list, iter], ids=["list", "stream"])
async def test_slow_download_of_a_finished_response(make: Callable[[list[bytes]], Iterable[bytes]]) -> None:
    """A finished response holds no thread while a slow client reads it."""
    client = Stuck()
    handler = ASGIHandler(answering(make([b"a" * 1000] * 50)), threads=1)
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    await until(lambda: 1 == handler.stats().served)
    assert 0 == handler.stats().busy
    client.goes_on.set()
    await asyncio.wait_for(task, SECONDS)
    assert (50_000, True) == (len(client.body), client.is_complete)


async def test_slow_upload() -> None:
    """A body is read as it arrives, also if it is incomplete after a while and its window is not full."""
    pieces: asyncio.Queue[Message] = asyncio.Queue()
    client = Client()
    read: list[int] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        read.extend(len(piece) for piece in iter(lambda: environ["wsgi.input"].read(WINDOW // 2), b""))
        start_response("200 OK", PLAIN)
        return []

    def send_half(*, more: bool = True) -> None:
        pieces.put_nowait({"type": "http.request", "body": bytes(WINDOW // 2), "more_body": more})

    handler = ASGIHandler(application)
    task = asyncio.create_task(handler(http_scope(method="POST"), pieces.get, client.send))
    send_half()
    await until(lambda: read)
    await until(lambda: handler.stats().waiting)
    assert (0, 0) == (handler.stats().busy, handler.stats().queued)
    for _ in range(11):
        send_half()
    send_half(more=False)
    await asyncio.wait_for(task, SECONDS)
    assert 13 * (WINDOW // 2) == sum(read)


async def test_memory_of_a_large_response() -> None:
    """Chunks of a large response are joined into messages, which are no larger than a window and one chunk."""
    client = await exchange(ASGIHandler(answering([bytes(1000)] * 2000)))
    assert 2_000_000 == len(client.body)
    assert max(len(message.get("body", b"")) for message in client.sent) <= WINDOW + 1000


async def test_waiting_too_long_for_a_thread() -> None:
    """A request that waits too long gets a 503 with Retry-After, and the queue continues in order."""
    release = threading.Event()
    order: list[str] = []

    application = held(release, order, b"served")
    handler = ASGIHandler(application, threads=1, queue_timeout=0.05)
    first = asyncio.create_task(exchange(handler, http_scope("/first")))
    await until(lambda: order)
    refused = await asyncio.wait_for(
        asyncio.gather(*(exchange(handler, http_scope(f"/{n}")) for n in range(3))), SECONDS
    )
    assert [503] * 3 == [client.status for client in refused]
    assert (b"retry-after", b"1") in refused[0].headers
    stats = handler.stats()
    assert (1, 0, 0, 0, 3) == (stats.busy, stats.idle, stats.queued, stats.served, stats.refused)
    patient = ASGIHandler(application, threads=1, queue_timeout=SECONDS)
    release.set()
    assert 200 == (await first).status
    later = await asyncio.gather(*(exchange(patient, http_scope(f"/later{n}")) for n in range(5)))
    assert [200] * 5 == [client.status for client in later]
    assert ["/first", *(f"/later{n}" for n in range(5))] == order


async def test_cancelled_in_the_queue() -> None:
    """A request that is cancelled while it waits does not run, and is no longer counted."""
    release = threading.Event()
    order: list[str] = []

    application = held(release, order)
    handler = ASGIHandler(application, threads=1)
    tasks = [asyncio.create_task(exchange(handler, http_scope(f"/{n}"))) for n in range(3)]
    await until(lambda: order and 2 == handler.stats().queued)
    tasks[1].cancel()
    await asyncio.wait(tasks[1:2])
    assert 1 == handler.stats().queued
    release.set()
    await asyncio.gather(tasks[0], tasks[2])
    stats = handler.stats()
    assert (["/0", "/2"], 2, 0) == (order, stats.served, stats.queued)


async def test_stats() -> None:
    """stats() counts busy and idle threads, queued and served requests, and keeps the longest wait."""
    release = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return []

    handler = ASGIHandler(application, threads=2)
    tasks = [asyncio.create_task(exchange(handler)) for _ in range(5)]
    await until(lambda: 2 == handler.stats().busy)
    stats = handler.stats()
    assert (2, 0, 3, 0, 0) == (stats.busy, stats.idle, stats.queued, stats.served, stats.refused)
    release.set()
    await asyncio.gather(*tasks)
    stats = handler.stats()
    assert (0, 2, 0, 5, 0) == (stats.busy, stats.idle, stats.queued, stats.served, stats.refused)
    assert 0 < stats.longest_wait < SECONDS


async def test_loop_runs_while_requests_wait() -> None:
    """The loop continues while 64 requests block in threads: they only end because it does."""
    blocked: list[int] = []
    has_turned = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        blocked.append(threading.get_ident())
        start_response("200 OK" if has_turned.wait(SECONDS) else "500 The loop was blocked", PLAIN)
        return [b"a"] * 10

    handler = ASGIHandler(application, threads=64)
    tasks = [asyncio.create_task(exchange(handler)) for _ in range(64)]
    await until(lambda: len(blocked) == 64)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    has_turned.set()
    assert [200] * 64 == [client.status for client in await asyncio.gather(*tasks)]
    assert threading.get_ident() not in blocked


async def test_scope_without_a_method() -> None:
    """A scope without a method is an error of the server, which is raised to it at once."""
    client = Client()
    with pytest.raises(KeyError, match="method"):
        await ASGIHandler(answering([]))({"type": "http", "path": "/"}, client.receive, client.send)


async def test_clients_that_leave_are_no_errors(caplog: pytest.LogCaptureFixture) -> None:
    """A client that disconnects is logged as information, not as an error of the application."""
    caplog.set_level(logging.INFO)
    client = Client([bytes(WINDOW), b"never sent"], leaves=True)
    client.incoming.pop()
    handler = ASGIHandler(lambda environ, start: [environ["wsgi.input"].read()])
    await handler(http_scope(method="POST"), client.receive, client.send)
    assert [("ginger_async_safe.asgi", logging.INFO, "POST /: the client left")] == caplog.record_tuples


@pytest.mark.parametrize("pieces", [[bytes(300_000)], [bytes(150_000)] * 2])
@pytest.mark.parametrize("reads", [True, False])
async def test_client_that_leaves_after_a_large_body(pieces: list[bytes], reads: bool) -> None:
    """A disconnect is noticed also if the body filled the window, whether it was read or not."""
    client = Client(pieces)
    loop = asyncio.get_running_loop()
    made: list[int] = []

    def application(environ: Environ, start_response: Any) -> Iterator[bytes]:
        if reads:
            environ["wsgi.input"].read()
        start_response("200 OK", PLAIN)
        while len(made) < 100_000:
            made.append(1)
            loop.call_soon_threadsafe(client.left.set)
            yield b"."

    await asyncio.wait_for(ASGIHandler(application)(http_scope(method="POST"), client.receive, client.send), SECONDS)
    assert len(made) < 100_000
    assert not client.is_complete


async def test_endless_answer_to_head_is_cut_off() -> None:
    """Once the headers of a response without a body are there, the application is asked for no more chunks."""
    made: list[int] = []

    def application(environ: Environ, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        while True:
            made.append(1)
            yield b"."

    client = await asyncio.wait_for(exchange(ASGIHandler(application), http_scope(method="HEAD")), SECONDS)
    assert (200, b"", True, 1) == (client.status, client.body, client.is_complete, len(made))
