"""Whatever servers and applications do: the loop is not affected, responses are well formed, threads become free."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import SECONDS, Client, exchange, http_scope, until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ginger_async_safe.asgi import ASGIHandler
from ginger_async_safe.asgi.environ import environ_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _asgi import Environ, Message

    from ginger_async_safe.asgi.hops import HopName

often = settings(
    max_examples=800, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

by_either_hop = settings(often, max_examples=400)

STATUSES = ["200 OK", "204 No Content", "304 Not Modified", "500 Oops", "100 Continue", "OK", "", 200, None]
HEADERS: list[Any] = [
    [],
    [("Content-Type", "text/plain")],
    [("Content-Length", "3")],
    [("Content-Length", "-3")],
    [("X", "a\r\nb")],
    [("X Y", "a")],
    [("X", 1)],
    [("X", "\u20ac")],
    [("X",)],
    None,
]
CHUNKS = [b"", b"a", b"abc", b"abcd", bytes(1000), "text", None, 5]
ERRORS = [LookupError, OSError, StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError]

steps = st.one_of(
    st.tuples(st.just("start"), st.sampled_from(STATUSES), st.sampled_from(HEADERS)),
    st.tuples(st.just("start"), st.just("200 OK"), st.sampled_from(HEADERS[:3])),
    st.tuples(st.just("replace"), st.sampled_from(STATUSES), st.sampled_from(HEADERS)),
    st.tuples(st.sampled_from(["write", "yield"]), st.sampled_from(CHUNKS)),
    st.tuples(st.just("read"), st.sampled_from([None, -1, 0, 1, 7, 100_000])),
    st.tuples(st.just("raise"), st.sampled_from(ERRORS)),
)


class Misbehaving:
    """A WSGI application that does some steps in its call, some in its iteration, and some in close()."""

    def __init__(self, called: Any, iterated: Any, closed: Any, *, answers: str, swallows: bool) -> None:
        self.called, self.iterated, self.closed = called, iterated, closed
        self.answers, self.swallows = answers, swallows
        self.returned = self.closes = 0

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        self.environ, self.start_response = environ, start_response
        self.write: Any = None
        made = [chunk for chunk in self.take(self.called) if isinstance(chunk, bytes)]
        if self.answers == "none":
            return None
        if self.answers == "list":
            return [*made, *(step[1] for step in self.iterated if step[0] == "yield")]
        self.returned = 1
        return self

    def __iter__(self) -> Iterator[Any]:
        return self.take(self.iterated)

    def take(self, steps: Any) -> Iterator[Any]:
        for name, *arguments in steps:
            if name == "yield":
                yield arguments[0]
                continue
            try:
                self.act(name, *arguments)
            except Exception:
                if not self.swallows:
                    raise

    def act(self, name: str, *arguments: Any) -> None:
        if name == "start":
            self.write = self.start_response(*arguments)
        elif name == "replace":
            error = LookupError("replaced")
            self.write = self.start_response(*arguments, (LookupError, error, None))
        elif name == "write" and self.write is not None:
            self.write(arguments[0])
        elif name == "read":
            self.environ["wsgi.input"].read(arguments[0])
        elif name == "raise":
            raise arguments[0]

    def close(self) -> None:
        self.closes += 1
        for _ in self.take(self.closed):
            pass


applications = st.builds(
    Misbehaving,
    st.lists(steps, max_size=5),
    st.lists(steps, max_size=6),
    st.lists(steps, max_size=2),
    answers=st.sampled_from(["self", "self", "list", "none"]),
    swallows=st.booleans(),
)
messages = st.lists(
    st.one_of(
        st.builds(
            lambda body, more: {"type": "http.request", "body": body, "more_body": more},
            st.sampled_from([b"", b"a", b"abcdef", bytes(70_000), bytes(300_000)]),
            st.booleans(),
        ),
        st.just({"type": "http.disconnect"}),
        st.just({"type": "http.request"}),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Any], Any]]:
    """Run coroutines on one event loop, which all cases share."""
    loop = asyncio.new_event_loop()
    logger = logging.getLogger("ginger_async_safe.asgi")
    logger.disabled = True  # thousands of tracebacks
    yield loop.run_until_complete
    logger.disabled = False
    loop.close()


def is_well_formed(sent: list[Message]) -> bool:
    """Return whether messages are the start of a response: headers, bodies, and nothing after the last one."""
    heads = [message["type"] == "http.response.start" for message in sent]
    more = [message.get("more_body", True) for message in sent]
    return heads == [index == 0 for index in range(len(sent))] and all(more[:-1])


serve: list[Any] = [None]


def serving(environ: Environ, start_response: Any) -> Any:
    """Serve the application of the current case."""
    return serve[0](environ, start_response)


hops: tuple[HopName, HopName] = ("fast", "asgiref")
handlers = [ASGIHandler(serving, threads=1, max_body=400_000, hop=hop) for hop in hops]


async def outcome(handler: ASGIHandler, client: Client, scope: dict[str, Any]) -> Exception | None:
    """Serve one request and return its error, once the thread is free."""
    try:
        await asyncio.wait_for(handler(scope, client.receive, client.send), SECONDS)
    except asyncio.TimeoutError:
        pytest.fail("the request hung")
    except Exception as error:  # noqa: BLE001 - the tests check it
        return error
    finally:
        await until(lambda: 0 == handler.stats().busy)
    return None


@by_either_hop
@given(application=applications)
def test_applications(run: Callable[[Any], Any], application: Misbehaving) -> None:
    """Whatever an application does, the response is complete, or ends with an error after its headers."""
    serve[0] = application
    methods = ["GET", "POST", "HEAD"]
    for handler, method, application.answers in itertools.product(handlers, methods, ["self", "list"]):  # twelve cases
        application.returned = application.closes = 0
        client = Client([b"some ", b"body"])
        error = run(outcome(handler, client, http_scope(method=method)))
        assert is_well_formed(client.sent)
        assert client.sent
        assert client.is_complete == (error is None)
        assert application.closes == application.returned


@by_either_hop
@given(application=applications, incoming=messages)
def test_message_orders(run: Callable[[Any], Any], application: Misbehaving, incoming: list[Message]) -> None:
    """Whatever the server sends, and whenever the client disconnects, the thread becomes free and close() runs once."""
    serve[0] = application
    for handler, length in itertools.product(
        handlers, range(len(incoming) + 1)
    ):  # one case each: the client disconnects there
        application.returned = application.closes = 0
        client = Client()
        client.incoming.clear()
        client.incoming.extend(incoming[:length])
        client.left.set()
        error = run(outcome(handler, client, http_scope(method="POST")))
        assert is_well_formed(client.sent)
        assert not (client.is_complete and error)
        assert application.closes == application.returned


names = st.one_of(
    st.sampled_from([b"host", b"cookie", b"expect", b"content-length", b"x_y"]), st.binary(min_size=1, max_size=8)
)
scopes = st.builds(
    http_scope,
    st.text(max_size=20).map("/".__add__),
    st.sampled_from(["GET", "POST", "DELETE", "X"]),
    headers=st.lists(st.tuples(names, st.one_of(st.binary(max_size=12), st.sampled_from([b"100-continue", b"9"])))),
    query_string=st.binary(max_size=20),
    root_path=st.sampled_from(["", "/", "/a", "/a/"]),
    client=st.sampled_from([None, ("127.0.0.1", 1), ("/run/socket", None)]),
    server=st.sampled_from([None, ("localhost", 80), ("/run/socket", None)]),
)


@often
@given(scope=scopes)
def test_scopes(run: Callable[[Any], Any], scope: dict[str, Any]) -> None:
    """Any scope becomes an environ of native strings, and the request is served."""
    serve[0] = lambda environ, start_response: start_response("200 OK", []) and [b"served"]
    found = environ_of(scope, io.BytesIO())
    texts = [value for name, value in found.items() if not name.startswith(("wsgi.", "asgi."))]
    assert all(isinstance(text, str) and text.encode("latin-1") is not None for text in texts if text.isascii())
    for method in ["GET", "POST", "HEAD", "DELETE", "X"]:  # one case each
        assert run(exchange(handlers[0], {**scope, "method": method})).status in {200, 413}
