"""The environ of a request: PEP 3333 on one side, the ASGI specification on the other."""

from __future__ import annotations

import io
from typing import Any

import pytest
from _asgi import http_scope

from ginger_async_safe.asgi.environ import environ_of


def environ(**scope: Any) -> dict[str, Any]:
    """Return the environ of a request with this in its scope."""
    return environ_of(http_scope(**scope), io.BytesIO())


def test_plain_request() -> None:
    """Every variable that PEP 3333 asks for is there."""
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
    """The mount point is taken off the path, and never from the middle of a segment."""
    found = environ(root_path=root_path, path=path)
    assert expected == (found["SCRIPT_NAME"], found["PATH_INFO"])


def test_path_beyond_ascii() -> None:
    """A decoded path comes as the characters that stand for its bytes."""
    assert "/caf\xc3\xa9" == environ(path="/café")["PATH_INFO"]


def test_headers() -> None:
    """Headers that come twice are joined, cookies as cookies are, and names with an underscore are left out."""
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
    """A server without a name or a port, as on a unix socket, still has both for the application."""
    found = environ(server=server, scheme=scheme)
    assert expected == (found["SERVER_NAME"], found["SERVER_PORT"])


def test_no_client() -> None:
    """A connection without an address, as on a unix socket, has no REMOTE_ADDR."""
    assert "REMOTE_ADDR" not in environ(client=None)
