"""The environ of a request, according to PEP 3333 and the ASGI specification."""

from __future__ import annotations

import io
import pprint
from typing import Any

import pytest
from _asgi import http_scope

from ginger_async_safe.asgi.environ import environ_of


def environ(**scope: Any) -> dict[str, Any]:
    """Return the environ of a request whose scope has these values."""
    return environ_of(http_scope(**scope), io.BytesIO())


def test_plain_request() -> None:
    """Every variable that PEP 3333 requires is there."""
    found = environ(path="/books", query_string=b"q=a%20b", method="POST")
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/books",
        "QUERY_STRING": "q=a%20b",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "shop.example",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    assert expected == {name: found[name] for name in expected}


def test_scope_is_there_and_not_printed() -> None:
    """The scope can be read, and an error page that prints the environ shows no secrets from its headers."""
    found = environ(headers=[(b"authorization", b"secret")])["asgi.scope"]
    assert [(b"authorization", b"secret")] == found["headers"]
    assert (False, False) == ("secret" in repr(found), "secret" in pprint.pformat({"scope": found}))


@pytest.mark.parametrize(
    ("root_path", "path", "expected"),
    [
        ("", "/shop/books", ("", "/shop/books")),
        ("/shop", "/shop/books", ("/shop", "/books")),
        ("/shop/", "/shop/books", ("/shop", "/books")),
        ("/shop", "/shop", ("/shop", "")),
        ("/shop", "/shopping", ("/shop", "/shopping")),
        ("/shop", "/books", ("/shop", "/books")),
    ],
)
def test_mount_point(root_path: str, path: str, expected: tuple[str, str]) -> None:
    """The mount point is removed from the start of the path, and never from the middle of a segment."""
    found = environ(root_path=root_path, path=path)
    assert expected == (found["SCRIPT_NAME"], found["PATH_INFO"])


def test_path_beyond_ascii() -> None:
    """A decoded path is passed on as one character for each of its bytes."""
    assert "/caf\xc3\xa9" == environ(path="/café")["PATH_INFO"]


@pytest.mark.parametrize(
    ("root_path", "path", "raw_path", "expected"),
    [
        ("", "/caf\ufffd", b"/caf%e9", ("", "/caf\xe9")),
        ("", "/caf\ufffd", b"/caf%E8?q=%e9", ("", "/caf\xe8")),
        ("", "/a/b\ufffd", b"/a%2Fb%ff", ("", "/a/b\xff")),
        ("", "/\ufffd/\ufffd", b"/%ef%bf%bd/%ff", ("", "/\xef\xbf\xbd/\xff")),
        (
            "/shop",
            "/shop/caf\ufffd",
            b"/shop/caf%e9",
            ("/shop", "/caf\xe9"),
        ),  # contained in both, as in the specification
        ("/shop", "/shop/caf\ufffd/", b"/shop%2fcaf%e9%2f", ("/shop", "/caf\xe9/")),
        ("/shop", "/caf\ufffd", b"/shop/caf%e9", ("/shop", "/caf\xe9")),  # removed from the path only
        ("/shop", "/shop/caf\ufffd", b"/caf%e9", ("/shop", "/caf\xe9")),  # prepended to the path only
        ("/\ufffd", "/\ufffd/x", b"/%e9/x", ("/\xe9", "/x")),
        ("/\ufffd", "/\ufffd", b"/%e9", ("/\xe9", "")),
        ("/caf\xe9", "/caf\xe9/\ufffd", b"/caf%c3%a9/%ff", ("/caf\xc3\xa9", "/\xff")),
        ("", "/other\ufffd", b"/caf%e9", ("", "/other\xef\xbf\xbd")),  # changed by middleware: the path is used
        ("", "/other", b"/caf%e9", ("", "/other")),
        ("", "/caf\ufffd", None, ("", "/caf\xef\xbf\xbd")),
    ],
)
def test_bytes_that_are_no_utf8(root_path: str, path: str, raw_path: bytes | None, expected: tuple[str, str]) -> None:
    """What the server could not decode is taken from ``raw_path``, after the mount point."""
    found = environ(root_path=root_path, path=path, raw_path=raw_path)
    assert expected == (found["SCRIPT_NAME"], found["PATH_INFO"])


@pytest.mark.parametrize(
    ("version", "expected"), [("1", "HTTP/1.0"), ("1.0", "HTTP/1.0"), ("1.1", "HTTP/1.1"), ("2", "HTTP/2")]
)
def test_version(version: str, expected: str) -> None:
    """The protocol has the client's version, also if Granian calls HTTP/1.0 just 1."""
    assert expected == environ(http_version=version)["SERVER_PROTOCOL"]


def test_headers() -> None:
    """Headers that occur twice are joined, cookies with a semicolon, and names with an underscore are dropped."""
    found = environ(
        headers=[
            (b"content-type", b"text/plain"),
            (b"content-length", b"3"),
            (b"accept", b"text/html"),
            (b"Accept", b"text/plain"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"x-forwarded-for", b"10.0.0.1"),
            (b"x_forwarded_for", b"spoofed"),
            (b"x-latin", b"caf\xe9"),
        ]
    )
    expected = {
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_ACCEPT": "text/html,text/plain",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_FORWARDED_FOR": "10.0.0.1",
        "HTTP_X_LATIN": "caf\xe9",
    }
    assert expected == {name: found.get(name) for name in expected}


@pytest.mark.parametrize(
    ("server", "scheme", "expected"),
    [
        (("shop.example", 8080), "http", ("shop.example", "8080")),
        (None, "http", ("localhost", "80")),
        (None, "https", ("localhost", "443")),
        (("/run/shop.sock", None), "http", ("localhost", "80")),
    ],
)
def test_server(server: Any, scheme: str, expected: tuple[str, str]) -> None:
    """A server without a name or a port, as on a Unix socket, still gets both for the application."""
    found = environ(server=server, scheme=scheme)
    assert expected == (found["SERVER_NAME"], found["SERVER_PORT"])


def test_no_client() -> None:
    """A connection without an address, as on a Unix socket, has no REMOTE_ADDR."""
    assert "REMOTE_ADDR" not in environ(client=None)
