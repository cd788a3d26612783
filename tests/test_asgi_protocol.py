"""What ASGIHandler sends if an application breaks the rules of HTTP, under every server and protocol."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING

import pytest
from _http2 import fetch
from _servers import TIMEOUT, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _servers import Server

APPLICATION = """
from ginger_async_safe.asgi import ASGIHandler

PLAIN = [("Content-Type", "text/plain")]
closed = []


class Chunks:
    def __init__(self, path, chunks):
        self.path, self.chunks = path, chunks

    def __iter__(self):
        yield from self.chunks

    def close(self):
        closed.append(self.path)


def half():
    yield b"half"
    raise LookupError("in the middle")


def wsgi_application(environ, start_response):
    path = environ["PATH_INFO"]
    kind, _, rest = path[1:].partition("/")
    if kind == "spaces":
        start_response("200 OK", [*PLAIN, ("Set-Cookie", " a=1"), ("X-Spaced", "\\t b  c \\t"), ("X-Empty", "  ")])
        return [b"spaces"]
    if kind == "status":
        start_response(f"{rest} Status", [*PLAIN, ("Content-Length", "4")])
        return [b"body"]
    if kind == "twice":
        start_response("200 OK", [("Content-Length", "5"), *PLAIN, ("content-length", "5")])
        return [b"twice"]
    if kind == "hop":
        start_response("200 OK", [*PLAIN, (rest, "close")])
        return [b"hop"]
    if kind in ("longer", "shorter"):
        length = "4" if kind == "longer" else "20"
        write = start_response("200 OK", [*PLAIN, ("Content-Length", length)])
        if rest == "write":
            write(b"abc")
            write(b"def")
        chunks = [b"abc", b"def", b"ghi"]
        return chunks if rest == "list" else Chunks(path, chunks)
    if kind == "half":
        start_response("200 OK", [*PLAIN, *([("Content-Length", "20")] if rest else [])])
        return half()
    if kind == "closed":
        answer = str(f"/{rest}" in closed)
    elif kind == "protocol":
        answer = environ["SERVER_PROTOCOL"]
    else:
        answer = f"{environ['SCRIPT_NAME']!a} {path!a}"
    start_response("200 OK", PLAIN)
    return [answer.encode()]


application = ASGIHandler(wsgi_application)

try:
    from starlette.applications import Starlette
    from starlette.routing import Mount
except ImportError:
    pass
else:
    mounted = Starlette(routes=[Mount("/shop", application), Mount("/", application)])
"""

SERVERS = {
    "uvicorn-h11": ["--http", "h11"],
    "uvicorn-httptools": ["--http", "httptools"],
    "hypercorn": [],
    "daphne": [],
    "granian": [],
}
SILENCE = 2  # seconds without a byte until a connection counts as left open
HOP_BY_HOP = [
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "TE",
    "Trailers",
    "transfer-encoding",
    "Upgrade",
]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application, mounted below /shop too, under each server in turn."""
    name, _, parser = request.param.partition("-")
    pytest.importorskip("starlette")
    pytest.importorskip(name)
    if parser:
        pytest.importorskip(parser)
    directory = tmp_path_factory.mktemp("protocol")
    (directory / "protocol.py").write_text(APPLICATION, encoding="utf-8")
    with serving(name, "protocol:mounted", directory, options=SERVERS[request.param]) as running:
        yield running


@pytest.fixture(scope="module")
def http2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application under Hypercorn, which speaks HTTP/2 without TLS."""
    pytest.importorskip("starlette")
    pytest.importorskip("hypercorn")
    directory = tmp_path_factory.mktemp("http2")
    (directory / "protocol.py").write_text(APPLICATION, encoding="utf-8")
    with serving("hypercorn", "protocol:mounted", directory) as running:
        yield running


def raw(server: Server, request: bytes) -> bytes:
    """Send bytes on a connection, and return everything that is received until the server closes it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


# Headers


def test_white_space_around_values(server: Server) -> None:
    """A header's value is sent without the white space around it, and with the white space inside it (RFC 9110 5.5)."""
    found = server.fetch("/spaces").headers
    assert ("a=1", "b  c", "") == (found["set-cookie"], found["x-spaced"], found["x-empty"])


def test_white_space_around_values_on_http2(http2: Server) -> None:
    """The same on HTTP/2, where it would be a protocol error (RFC 9113 8.2.1)."""
    found = fetch(http2.port, "/spaces").headers
    assert ("200", "a=1", "b  c", "") == (found[":status"], found["set-cookie"], found["x-spaced"], found["x-empty"])


@pytest.mark.parametrize("status", [204, 304])
def test_no_length_without_a_body(server: Server, status: int) -> None:
    """A Content-Length with 204 or 304 is not sent on (RFC 9110 8.6), and the next pipelined request is answered."""
    first = b"GET /status/%d HTTP/1.1\r\nHost: x\r\n\r\n" % status
    answer = raw(server, first + b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert b" %d " % status in head.partition(b"\r\n")[0] + b" "
    assert b"content-length" not in head.lower()
    assert rest.startswith(b"HTTP/1.1 200")
    assert b"'/next'" in rest


@pytest.mark.parametrize("status", ["204", "304"])
def test_no_length_without_a_body_on_http2(http2: Server, status: str) -> None:
    """The same on HTTP/2, where it is a protocol error."""
    stream = fetch(http2.port, f"/status/{status}")
    assert (status, b"", "whole") == (stream.headers[":status"], stream.body, stream.end)
    assert "content-length" not in stream.headers


@pytest.mark.parametrize("status", ["200", "206", "404"])
def test_length_of_an_answer_to_head(server: Server, status: str) -> None:
    """A response to HEAD keeps its Content-Length, and has no body (RFC 9110 9.3.2)."""
    answer = server.fetch(f"/status/{status}", "HEAD")
    assert (int(status), "4", b"") == (answer.status, answer.headers["content-length"], answer.body)


def test_length_of_an_answer_to_head_on_http2(http2: Server) -> None:
    """The same on HTTP/2."""
    stream = fetch(http2.port, "/status/200", "HEAD")
    assert ("4", b"", "whole") == (stream.headers["content-length"], stream.body, stream.end)


def test_length_that_is_given_twice(server: Server) -> None:
    """Two equal lengths are sent once: clients may refuse two (RFC 9110 8.6)."""
    answer = raw(server, b"GET /twice HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert 1 == answer.lower().count(b"content-length: 5\r\n")
    assert answer.endswith(b"\r\n\r\ntwice")


@pytest.mark.parametrize("name", HOP_BY_HOP)
def test_hop_by_hop_fields(server: Server, name: str) -> None:
    """A header that PEP 3333 forbids is a 500, and the log names the rule."""
    answer = server.fetch(f"/hop/{name}")
    assert (500, b"Internal Server Error") == (answer.status, answer.body)
    assert f"the application sets {name}, a field between the server and its peer" in server.output()


@pytest.mark.parametrize("status", ["099", "100", "101", "199", "600", "999"])
def test_status_of_no_response(server: Server, status: str) -> None:
    """A status that HTTP does not have, or of an interim response, is a 500; the log says what to write."""
    assert 500 == server.fetch(f"/status/{status}").status
    assert f"'{status} Status' is not the status of a response" in server.output()


# Lengths


@pytest.mark.parametrize("how", ["list", "stream", "write"])
def test_body_longer_than_its_length(server: Server, how: str) -> None:
    """Exactly as many bytes are sent as Content-Length announces, close() is called, and one line is logged."""
    answer = server.fetch(f"/longer/{how}")
    assert (200, "4", b"abcd") == (answer.status, answer.headers["content-length"], answer.body)
    logged = " failed" if how == "write" else ": the body is longer than its Content-Length"
    wait_until(lambda: 1 == server.output().count(f"GET /longer/{how}{logged}"))
    if how == "stream":
        assert b"True" == server.fetch(f"/closed/longer/{how}").body


def test_connection_after_a_body_longer_than_its_length(server: Server) -> None:
    """The connection stays usable: the excess bytes do not become part of the next response."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    for path, expected in [("/longer/list", b"abcd"), ("/longer/stream", b"abcd"), ("/next", b"'' '/next'")]:
        connection.request("GET", path)
        with connection.getresponse() as response:
            assert expected == response.read()
    connection.close()


@pytest.mark.parametrize("how", ["list", "stream", "write"])
def test_body_longer_than_its_length_on_http2(http2: Server, how: str) -> None:
    """On HTTP/2, the response is complete, too."""
    stream = fetch(http2.port, f"/longer/{how}")
    assert ("200", b"abcd", "whole") == (stream.headers[":status"], stream.body, stream.end)


def test_body_shorter_than_its_length(server: Server) -> None:
    """A list that is too short is a 500, since nothing of it has been sent yet."""
    assert 500 == server.fetch("/shorter/list").status


# Errors during a response


@pytest.mark.parametrize("path", ["/half", "/half/length", "/shorter/stream"])
def test_failure_after_the_first_byte(server: Server, path: str) -> None:
    """The server closes the connection before the response is complete; Daphne sends no more, and leaves it open."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = b""
        while b"half" not in answer and b"ghi" not in answer:
            answer += connection.recv(65536)
        wait_until(lambda: f"GET {path} failed" in server.output())
        if server.log.name == "daphne.log":
            connection.settimeout(SILENCE)
            with pytest.raises(TimeoutError):
                connection.recv(65536)
        else:
            answer += b"".join(iter(lambda: connection.recv(65536), b""))
    assert not answer.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("path", ["/half", "/half/length", "/shorter/stream"])
def test_failure_after_the_first_byte_on_http2(http2: Server, path: str) -> None:
    """On HTTP/2, Hypercorn sends no more, and neither resets the stream nor closes the connection."""
    stream = fetch(http2.port, path, seconds=SILENCE)
    assert ("200", "silence") == (stream.headers[":status"], stream.end)
    assert stream.body in {b"half", b"abcdefghi"}
    assert 200 == int(fetch(http2.port, "/next").headers[":status"])


# Paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/caf%e9", ("", "/caf\xe9")),
        ("/caf%e8", ("", "/caf\xe8")),
        ("/caf%c3%a9", ("", "/caf\xc3\xa9")),
        ("/a%2fb%ff", ("", "/a/b\xff")),
        ("/shop/caf%e9/%E2%82/x", ("/shop", "/caf\xe9/\xe2\x82/x")),
        ("/shop/a%2Fb", ("/shop", "/a/b")),
        ("/shop%2fcaf%e9", ("/shop", "/caf\xe9")),
        ("/%ef%bf%bd/%ff", ("", "/\xef\xbf\xbd/\xff")),
    ],
)
def test_bytes_of_the_path(server: Server, path: str, expected: tuple[str, str]) -> None:
    """PATH_INFO has the path's bytes as the client sent them, also below a mount point, whether they are UTF-8 or not."""
    script_name, path_info = expected
    assert f"{script_name!a} {path_info!a}" == server.fetch(path).body.decode()


@pytest.fixture(scope="module")
def wsgi_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same application under a WSGI server: gunicorn's own worker."""
    pytest.importorskip("uvicorn_worker")  # the name in the tests' command; the option after it replaces it
    directory = tmp_path_factory.mktemp("wsgi")
    (directory / "protocol.py").write_text(APPLICATION, encoding="utf-8")
    with serving("gunicorn", "protocol:wsgi_application", directory, options=["--worker-class", "sync"]) as running:
        yield running


@pytest.mark.parametrize(
    "path", ["/caf%e9", "/caf%c3%a9", "/a%2fb%ff", "/%ef%bf%bd/%ff", "/%E2%82/x", "/a//b", "/a%25b"]
)
def test_path_is_that_of_a_wsgi_server(server: Server, wsgi_server: Server, path: str) -> None:
    """The application gets the same path as under gunicorn."""
    assert wsgi_server.fetch(path).body == server.fetch(path).body


@pytest.mark.parametrize(
    ("name", "options", "before"),
    [
        ("uvicorn", ["--http", "h11", "--root-path", "/shop"], ""),
        ("uvicorn", ["--http", "httptools", "--root-path", "/shop"], ""),
        ("hypercorn", ["--root-path", "/shop"], ""),
        ("daphne", ["--root-path", "/shop"], ""),
        ("granian", ["--url-path-prefix", "/shop"], "/shop"),
    ],
)
def test_root_path_of_the_server(name: str, options: list[str], before: str, tmp_path: Path) -> None:
    """Each server announces in its own way where the application is mounted; both parts of the path are right."""
    pytest.importorskip("starlette")
    pytest.importorskip(name)
    (tmp_path / "protocol.py").write_text(APPLICATION, encoding="utf-8")
    with serving(name, "protocol:application", tmp_path, options=options) as server:
        found = [server.fetch(f"{before}{path}").body.decode() for path in ("/caf%e9/%2f", "/caf%c3%a9", "/plain")]
    expected = ["/caf\xe9//", "/caf\xc3\xa9", "/plain"]
    assert [f"'/shop' {path!a}" for path in expected] == found


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_version(server: Server, version: str) -> None:
    """SERVER_PROTOCOL is the client's version."""
    answer = raw(server, f"GET /protocol HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert f"HTTP/{version}".encode() in answer.partition(b"\r\n\r\n")[2]


def test_version_on_http2(http2: Server) -> None:
    """On HTTP/2, it is HTTP/2."""
    assert b"HTTP/2" == fetch(http2.port, "/protocol").body
