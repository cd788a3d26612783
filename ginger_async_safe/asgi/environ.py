"""The WSGI environ of an ASGI request (PEP 3333; the ASGI HTTP specification 2.5)."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO
from wsgiref.util import FileWrapper

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Environ", "environ_of"]

Environ = dict[str, Any]


def environ_of(scope: dict[str, Any], body: BinaryIO) -> Environ:
    """Return the environ of a request.

    Args:
        scope: The scope of an ``http`` connection.
        body: What the application reads the request's body from.
    """
    script_name, path_info = _split_path(scope)
    host, port = scope.get("server") or ("localhost", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _native(script_name),
        "PATH_INFO": _native(path_info),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host if port is not None else "localhost",  # without a port, it is a socket's path
        "SERVER_PORT": str(port if port is not None else 443 if scope.get("scheme") == "https" else 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "asgi.scope": scope,
    }
    if scope.get("client"):
        client, client_port = scope["client"]
        environ["REMOTE_ADDR"] = client
        if client_port is not None:
            environ["REMOTE_PORT"] = str(client_port)
    _add_headers(environ, scope.get("headers", ()))
    return environ


def _split_path(scope: dict[str, Any]) -> tuple[str, str]:
    """Split the path at the mount point: in ASGI the path includes ``root_path``, in WSGI it does not."""
    root = scope.get("root_path", "").rstrip("/")
    path = scope["path"]
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return root, path


def _native(text: str) -> str:
    """Return decoded text as PEP 3333 wants it: bytes, each as the character of its number."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _add_headers(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Add the request's headers; one that comes several times becomes one, joined as RFC 9110 5.2 says."""
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
    """Return the variable for a header, or ``None`` for one that would pose as another: X_Real_IP as X-Real-IP."""
    if b"_" in name:
        return None
    variable = name.decode("latin-1").upper().replace("-", "_")
    return variable if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{variable}"
