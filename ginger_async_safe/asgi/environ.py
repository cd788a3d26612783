"""Build the WSGI environ of an ASGI request (PEP 3333; the ASGI HTTP specification 2.5)."""

from __future__ import annotations

import sys
from collections import UserDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Environ", "environ_of", "mounted_path", "request_name"]

Environ = dict[str, Any]

_UNDECODED = "\ufffd"  # the replacement character of servers for bytes that are not UTF-8
_PROTOCOLS = {"1": "HTTP/1.0"}  # Granian's value; PEP 3333 requires the client's version, as in RFC 9112 2.3


class _Scope(UserDict[str, Any]):
    """A scope whose ``repr`` omits the values: error pages show the environ, and would show secrets in the scope.

    It is not a ``dict``, since GingerDJ and Django print the contents of those.
    """

    def __init__(self, scope: dict[str, Any]) -> None:
        self.data: dict[str, Any] = scope

    def __repr__(self) -> str:
        return f"<ASGI scope with {', '.join(self)}>"


def environ_of(scope: dict[str, Any], body: BinaryIO) -> Environ:
    """Return the environ of a request.

    Args:
        scope: The scope of an ``http`` connection.
        body: The file from which the application reads the request body.
    """
    script_name, path_info = _split_path(scope)
    version = scope["http_version"]
    host, port = scope.get("server") or ("localhost", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path_info,
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host if port is not None else "localhost",  # without a port, host is the path of a socket
        "SERVER_PORT": str(port if port is not None else 443 if scope.get("scheme") == "https" else 80),
        "SERVER_PROTOCOL": _PROTOCOLS.get(version) or f"HTTP/{version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "asgi.scope": _Scope(scope),
    }
    if scope.get("client"):
        client, client_port = scope["client"]
        environ["REMOTE_ADDR"] = client
        if client_port is not None:
            environ["REMOTE_PORT"] = str(client_port)
    _add_headers(environ, scope.get("headers", ()))
    return environ


def request_name(method: str, path: str) -> str:
    """Return a request's name for logs; a path with control characters is escaped, so that it cannot add lines."""
    return f"{method} {path if path.isprintable() else ascii(path)[1:-1]}"


def mounted_path(scope: dict[str, Any]) -> tuple[str, str]:
    """Return the mount point of the application and the path below it, both as decoded by the server."""
    root = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return root, path


def _split_path(scope: dict[str, Any]) -> tuple[str, str]:
    """Split the path at the mount point: in ASGI the path includes ``root_path``, in WSGI it does not.

    Both parts are native strings (PEP 3333): bytes decoded as Latin-1.
    """
    root, path = mounted_path(scope)
    if root.isascii() and path.isascii():
        return root, path
    raw_path = scope.get("raw_path")
    if raw_path is None or (_UNDECODED not in path and _UNDECODED not in root):
        return _native(root.encode("utf-8", "surrogateescape")), _native(path.encode("utf-8", "surrogateescape"))
    return _split_raw(root, path, raw_path)


def _split_raw(root: str, path: str, raw_path: bytes) -> tuple[str, str]:
    """Split a path that the server could not decode, using the bytes that the client sent.

    Middleware may have removed a prefix of the path, or added one, and usually does not change ``raw_path``. So the two
    are compared from the end, one segment at a time. A slash is never part of bytes that could not be decoded.
    """
    texts = f"{root}{path}".split("/")
    raws = [*[b""] * len(texts), *unquote_to_bytes(raw_path.partition(b"?")[0]).split(b"/")][-len(texts) :]
    segments = [
        raw if raw.decode("utf-8", "replace") == text else text.encode("utf-8", "surrogateescape")
        for text, raw in zip(texts, raws, strict=True)
    ]
    depth = root.count("/") + bool(root)
    script_name, path_info = segments[:depth], segments[depth:]
    return _native(b"/".join(script_name)), _native(b"/".join([b"", *path_info] if script_name else path_info))


def _native(path: bytes) -> str:
    return path.decode("latin-1")


def _add_headers(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Add the request's headers; repeated fields are joined into one, as in RFC 9110 5.2."""
    for raw_name, raw_value in headers:
        name = _variable(raw_name)
        if name is None:
            continue
        value = raw_value.decode("latin-1")
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value


@lru_cache(maxsize=1024)  # clients use few names
def _variable(name: bytes) -> str | None:
    """Return the variable for a header; ``None`` for one that could spoof another, as X_Real_IP does X-Real-IP."""
    if b"_" in name:
        return None
    variable = name.decode("latin-1").upper().replace("-", "_")
    return variable if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{variable}"
