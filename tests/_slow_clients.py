"""Crowds of clients that make no progress, for one server: for the tests of slow clients, and their benchmark."""

from __future__ import annotations

import contextlib
import enum
import select
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _servers import Server

CROWD = 200
SLEEPERS = 64
UPLOAD = 300_000  # bytes that an upload announces; the window is 262,144
_STREAMS = 50  # on one connection of HTTP/2

APPLICATION = """
import json
import os
import time
from dataclasses import asdict

from ginger_async_safe.asgi import ASGIHandler, workers

workers.IDLE_SECONDS = 0.5  # so that the test sees the threads end


def wsgi_application(environ, start_response):
    path = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/download":
        return iter([bytes(65536)] * int(os.environ.get("CHUNKS", "1000")))
    if path == "/upload":
        return [b"%d" % len(environ["wsgi.input"].read())]
    if path == "/sleep":
        time.sleep(float(os.environ.get("SLEEP", "0.5")))
    if path == "/stats":
        return [json.dumps(asdict(application.stats())).encode()]
    return [path.encode()]


application = ASGIHandler(wsgi_application)
"""


class Kind(enum.Enum):
    """What the clients of a crowd do."""

    DOWNLOADS = "downloads"
    UPLOADS = "uploads"
    EXPECTING = "expecting"
    SLEEPING = "sleeping"


def _request(kind: Kind) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """Return method, path, headers, and the part of the body that is sent."""
    return {
        Kind.DOWNLOADS: ("GET", "/download", [], b""),
        Kind.UPLOADS: ("POST", "/upload", [("content-length", str(UPLOAD))], bytes(UPLOAD - 1000)),
        Kind.EXPECTING: ("POST", "/upload", [("content-length", "10"), ("expect", "100-continue")], b""),
        Kind.SLEEPING: ("GET", "/sleep", [], b""),
    }[kind]


@contextlib.contextmanager
def crowd(server: Server, kind: Kind, *, version: str = "1.1") -> Iterator[list[socket.socket]]:
    """Open the connections of a crowd, which have sent their requests and read nothing, until the block ends."""
    with contextlib.ExitStack() as stack:
        number = SLEEPERS if kind is Kind.SLEEPING else CROWD
        if version == "2":
            yield [stack.enter_context(_with_streams(server, kind)) for _ in range(number // _STREAMS)]
        else:
            yield [stack.enter_context(_with_request(server, kind)) for _ in range(number)]


def _connection(server: Server) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVBUF, 4096
    )  # otherwise the operating system buffers much of a download
    connection.settimeout(30)
    connection.connect(("127.0.0.1", server.port))
    return connection


def _with_request(server: Server, kind: Kind) -> socket.socket:
    method, path, fields, body = _request(kind)
    lines = [f"{method} {path} HTTP/1.1", "host: x", *(f"{name}: {value}" for name, value in fields)]
    connection = _connection(server)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def _with_streams(server: Server, kind: Kind) -> socket.socket:
    """Return a connection whose requests stall, because it reads nothing and sends only the first piece of each body."""
    method, path, fields, body = _request(kind)
    client = H2Connection(H2Configuration(header_encoding="latin-1"))
    client.initiate_connection()
    for stream in range(1, 2 * _STREAMS, 2):
        head = [(":method", method), (":path", path), (":scheme", "http"), (":authority", "127.0.0.1"), *fields]
        client.send_headers(stream, head, end_stream=not fields)
        if body:
            client.send_data(stream, body[:1000])  # all streams share its window
    connection = _connection(server)
    connection.sendall(client.data_to_send())
    return connection


def answered(connections: list[socket.socket]) -> int:
    """Return how many of these have something to read."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return len(poll.poll(0))


def threads(server: Server) -> int:
    """Return the number of threads of the server's processes."""
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in server.processes())


def files(server: Server) -> int:
    """Return the number of files and sockets that they have open."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in server.processes())


def memory(server: Server) -> float:
    """Return the memory that they use, in MiB."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in server.processes())
    return pages * 4096 / 2**20
