"""ASGIHandler over the network: what only real servers and real connections show."""

from __future__ import annotations

import contextlib
import http.client
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _servers import SERVERS, TIMEOUT, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _servers import Server

MEGABYTE = 1_000_000
BIG = 200 * MEGABYTE
PIECE = bytes(MEGABYTE // 4)

APPLICATION = """
import asyncio
import threading

from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe.asgi import ASGIHandler

PLAIN = [("Content-Type", "text/plain")]
closed = threading.Event()


class Endless:
    def __iter__(self):
        while True:
            yield b"x" * 10_000

    def close(self):
        closed.set()


async def ask_loop():
    await asyncio.sleep(0)
    return await sync_to_async(threading.get_ident)()


def wsgi_application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/endless":
        start_response("200 OK", PLAIN)
        return Endless()
    if path == "/big":
        start_response("200 OK", PLAIN)
        return (bytes(250_000) for _ in range(800))
    if path == "/count":
        size = sum(map(len, iter(lambda: environ["wsgi.input"].read(100_000), b"")))
        answer = str(size)
    elif path == "/closed":
        answer = str(closed.wait(20))
    elif path == "/hops":
        answer = str(async_to_sync(ask_loop)() == threading.get_ident())
    elif path == "/fail":
        raise LookupError("no such book")
    elif path == "/half":
        start_response("200 OK", PLAIN)
        return (1 / (5 - number) and b"half" for number in range(10))
    else:
        answer = "hello"
    start_response("200 OK", PLAIN)
    return [answer.encode()]


application = ASGIHandler(wsgi_application, threads=4, max_body=300_000_000)
slower = ASGIHandler(wsgi_application, threads=4, max_body=300_000_000, hop="asgiref")
"""

SLOWER = "uvicorn, asgiref's hop"


# What a server does itself, regardless of its application.
LIMITS = {
    ("daphne", "test_large_upload_in_little_memory"): "has the whole body on disk before it calls the application",
    ("daphne", "test_large_download_in_little_memory"): "takes everything at once: its send() waits for no client",
    ("daphne", "test_failure_after_the_first_byte"): "leaves the connection open when the application raises",
}


@pytest.fixture(autouse=True)
def _within_limits(request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["server"]
    limit = LIMITS.get((name, request.node.originalname))
    if limit:
        pytest.skip(f"{name} {limit}")


@pytest.fixture(scope="module", params=[*SERVERS, SLOWER])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application under each server in turn, and under one of them with asgiref's own hop."""
    name, _, is_slower = request.param.partition(",")
    pytest.importorskip(name)
    directory = tmp_path_factory.mktemp("wire")
    (directory / "wire.py").write_text(APPLICATION, encoding="utf-8")
    with serving(name, "wire:slower" if is_slower else "wire:application", directory) as running:
        yield running


@contextlib.contextmanager
def connected(server: Server) -> Iterator[http.client.HTTPConnection]:
    """Connect to a server."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)) as connection:
        yield connection


def peak(server: Server) -> int:
    """Return the peak memory of the server's processes since the last reset, in bytes."""
    found = 0
    for pid in server.processes():
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        found += int(match[1]) * 1024 if match else 0
    return found


def reset_peak(server: Server) -> int:
    """Reset the peaks to the current values, and return the memory in bytes."""
    for pid in server.processes():
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    return peak(server)


def test_hundreds_of_requests_on_one_connection(server: Server) -> None:
    """Requests of one connection share a context; views that use async_to_sync leave nothing in it."""
    with connected(server) as connection:
        answers = set()
        for number in range(300):
            connection.request("GET", "/hops" if number % 3 else "/hello")
            with connection.getresponse() as response:
                answers.add((response.status, response.read()))
    assert {(200, b"True"), (200, b"hello")} == answers


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_large_upload_in_little_memory(server: Server) -> None:
    """200 MB are read as they arrive, with less than 20 MB of extra memory."""
    with connected(server) as connection:
        connection.request("POST", "/count", iter([PIECE] * 8), {"Content-Length": str(8 * len(PIECE))})
        connection.getresponse().read()
        before = reset_peak(server)
        pieces = (PIECE for _ in range(BIG // len(PIECE)))
        connection.request("POST", "/count", pieces, {"Content-Length": str(BIG)})
        with connection.getresponse() as response:
            assert (200, str(BIG)) == (response.status, response.read().decode())
    assert peak(server) - before < 20 * MEGABYTE


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_large_download_in_little_memory(server: Server) -> None:
    """200 MB are sent as they are created, with less than 20 MB of extra memory."""
    with connected(server) as connection:
        before = reset_peak(server)
        connection.request("GET", "/big")
        received = 0
        with connection.getresponse() as response:
            while piece := response.read(1_000_000):
                received += len(piece)
    assert BIG == received
    assert peak(server) - before < 20 * MEGABYTE


def test_client_that_leaves(server: Server) -> None:
    """When a client disconnects during the response, the generator stops, and close() runs."""
    with connected(server) as connection:
        connection.request("GET", "/endless")
        connection.getresponse().read(100_000)
        assert connection.sock is not None
        connection.sock.close()
    assert b"True" == server.fetch("/closed").body


def test_failure_before_the_first_byte(server: Server) -> None:
    """An application that fails is a 500, and its error does not reach the client."""
    answer = server.fetch("/fail")
    assert (500, b"Internal Server Error") == (answer.status, answer.body)


def test_failure_after_the_first_byte(server: Server) -> None:
    """An application that fails during the response ends the connection, so that the client notices."""
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        server.fetch("/half")
