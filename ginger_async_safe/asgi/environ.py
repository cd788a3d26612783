"""The WSGI environ of an ASGI request (PEP 3333; the ASGI HTTP specification 2.5)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

if TYPE_CHECKING:
    from ginger_async_safe.asgi.body import RequestBody

__all__ = ["Environ", "environ_of"]

Environ = dict[str, Any]

_WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}


def environ_of(scope: dict[str, Any], body: RequestBody) -> Environ:
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
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _add_headers(environ: Environ, headers: Any) -> None:  # noqa: ANN401 - an iterable of pairs of bytes, from the server
    """Add the request's headers; one that comes several times becomes one, joined as RFC 9110 5.2 says."""
    for raw_name, raw_value in headers:
        if b"_" in raw_name:  # X_Real_IP would pose as the proxy's X-Real-IP
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if name not in _WITHOUT_PREFIX:
            name = f"HTTP_{name}"
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
