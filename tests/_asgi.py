"""A small driver for ASGI applications: a scope, and what a server would receive and send."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Message = dict[str, Any]
Environ = dict[str, Any]

PLAIN = [("Content-Type", "text/plain")]
SECONDS = 20  # seconds until a test stops waiting


def http_scope(path: str = "/", method: str = "GET", **extra: Any) -> dict[str, Any]:
    """Return the scope of an HTTP request as a server builds it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop.example")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        **extra,
    }


class Client:
    """One HTTP exchange, seen from the server's side.

    Args:
        body: The pieces of the request's body.
        leaves: Whether the client disconnects after its body; otherwise it waits until the response is complete.
    """

    def __init__(self, body: Iterable[bytes] = (b"",), *, leaves: bool = False) -> None:
        pieces = list(body)
        self.incoming: deque[Message] = deque(
            {"type": "http.request", "body": piece, "more_body": index + 1 < len(pieces)}
            for index, piece in enumerate(pieces)
        )
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        if leaves:
            self.left.set()

    async def receive(self) -> Message:
        """Return the next message from the client."""
        if self.incoming:
            return self.incoming.popleft()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Receive a message from the application."""
        self.sent.append(message)

    @property
    def status(self) -> int:
        """The status of the response."""
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the response."""
        headers: list[tuple[bytes, bytes]] = self.sent[0]["headers"]
        return headers

    @property
    def body(self) -> bytes:
        """The body of the response so far."""
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def is_complete(self) -> bool:
        """Whether the response has ended properly."""
        return bool(self.sent) and self.sent[-1].get("more_body") is False


async def exchange(application: Any, scope: dict[str, Any] | None = None, body: Iterable[bytes] = (b"",)) -> Client:
    """Send one request, and return the exchange when the application has returned."""
    client = Client(body)
    await application(http_scope() if scope is None else scope, client.receive, client.send)
    return client


async def until(condition: Callable[[], Any]) -> None:
    """Let the loop run until a condition is true."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not come"
        await asyncio.sleep(0.001)  # between two checks of the condition


def held(release: threading.Event, begun: list[str], *chunks: bytes) -> Any:
    """Return a WSGI application that waits until it is released, and records the paths of the requests that it has begun."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        begun.append(environ["PATH_INFO"])
        release.wait(SECONDS)
        start_response("200 OK", PLAIN)
        return list(chunks)

    return application


class Answer:
    """An iterable of chunks that records how it is used.

    Args:
        chunks: The chunks, created one by one.
        fails: Whether close() raises.
    """

    def __init__(self, chunks: Iterable[bytes] = (), *, fails: bool = False) -> None:
        self._chunks = chunks
        self._fails = fails
        self.made = 0
        self.closed = 0
        self.threads: set[int] = set()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.made += 1
            self.threads.add(threading.get_ident())
            yield chunk

    def close(self) -> None:
        """Count the call."""
        self.threads.add(threading.get_ident())
        self.closed += 1
        if self._fails:
            raise OSError("close() failed")


def answering(chunks: Iterable[bytes], headers: list[tuple[str, str]] = PLAIN, status: str = "200 OK") -> Any:
    """Return a WSGI application that returns this iterable."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response(status, headers)
        return chunks

    return application
