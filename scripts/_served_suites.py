"""Replaces a framework's handlers by this library's application, in a run of the framework's own test suites.

``_framework_suites.py`` makes their ``runtests.py`` import this; FRAMEWORK in the environment names the framework. From
then on ``get_asgi_application()`` creates our application, and the test clients send their requests through one: a sync
view is served in a thread of its pool, an async one on a loop. Threads use the tests' database connections, like those
of the frameworks' ``LiveServerTestCase``. A client still returns the response object that the view's handler created.
"""

# ruff: noqa: ANN401 - the frameworks have no types

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import Any
from unittest import mock
from urllib.parse import quote

from asgiref.sync import sync_to_async

from ginger_async_safe.contrib._application import FrameworkApplication

NAME = os.environ["FRAMEWORK"]
FRAMEWORK = import_module(f"ginger_async_safe.contrib.{NAME}").FRAMEWORK
THREADS = 4


def application() -> FrameworkApplication:
    """Return our application; the framework is set up already, and doing so again would change its logging."""
    own = FRAMEWORK.module("core.handlers.asgi").ASGIHandler
    with mock.patch.object(FRAMEWORK.module("core.asgi"), "get_asgi_application", own):
        return FrameworkApplication(FRAMEWORK, threads=THREADS)


class Served:
    """An application that receives a test client's requests, one after the other.

    Args:
        enforce_csrf_checks: The argument with which the client was created.
    """

    def __init__(self, *, enforce_csrf_checks: bool) -> None:
        self._application = application()
        self._enforces_csrf_checks = enforce_csrf_checks
        self._environ: dict[str, Any] = {}
        self._connections: list[Any] = []
        self._request: Any = None
        self._response: Any = None
        self._error: BaseException | None = None
        wsgi, asgi = self._application._wsgi, self._application._asgi
        in_thread, on_loop = wsgi.get_response, asgi.get_response_async  # type: ignore[attr-defined]

        def get_response(request: Any) -> Any:
            self._share_connections()
            self._note_request(request)
            try:
                self._response = in_thread(request)
            except BaseException as error:
                self._error = error
                raise
            return self._response

        async def get_response_async(request: Any) -> Any:
            await sync_to_async(self._share_connections)()
            self._note_request(request)
            try:
                self._response = await on_loop(request)
            except BaseException as error:
                self._error = error
                raise
            return self._response

        wsgi.get_response, asgi.get_response_async = get_response, get_response_async  # type: ignore[attr-defined]
        # What a test adds to the environ and a server would not: REMOTE_USER and the like.
        self._application._wsgi = lambda environ, start: wsgi({**self._environ, **environ}, start)

    def _share_connections(self) -> None:
        for connection in self._connections:
            FRAMEWORK.module("db").connections[connection.alias] = connection

    def _note_request(self, request: Any) -> None:
        request._dont_enforce_csrf_checks = not self._enforces_csrf_checks
        self._request = request

    async def send(self, scope: dict[str, Any], body: bytes, environ: dict[str, Any] | None = None) -> Any:
        """Send a request, and return the response object."""
        self._environ = environ or {}
        self._request = self._response = self._error = None
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not incoming:
                await asyncio.Event().wait()
            return incoming.pop()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        if self._error is not None:
            raise self._error
        response = self._response
        if response.streaming:
            response.streaming_content = [message.get("body", b"") for message in sent[1:]]
        FRAMEWORK.module("test.client").conditional_content_removal(self._request, response)
        response.wsgi_request = response.asgi_request = self._request
        return response

    def __enter__(self) -> None:
        """Share the tests' connections with the application's threads, which must not close them."""
        self._connections = FRAMEWORK.module("db").connections.all(initialized_only=True)
        for connection in self._connections:
            connection.inc_thread_sharing()
        close = FRAMEWORK.module("db").close_old_connections
        FRAMEWORK.module("core.signals").request_started.disconnect(close)
        FRAMEWORK.module("core.signals").request_finished.disconnect(close)

    def __exit__(self, *_: object) -> None:
        close = FRAMEWORK.module("db").close_old_connections
        FRAMEWORK.module("core.signals").request_started.connect(close)
        FRAMEWORK.module("core.signals").request_finished.connect(close)
        for connection in self._connections:
            connection.dec_thread_sharing()


def served(handler: Any) -> Served:
    """Return the application to which a client's handler sends its requests."""
    if handler._middleware_chain is None:
        handler._middleware_chain = Served(enforce_csrf_checks=handler.enforce_csrf_checks)
    chain: Served = handler._middleware_chain
    return chain


def scope_of(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the ASGI scope of a request that a test has created as WSGI."""
    headers = [
        (name.removeprefix("HTTP_").lower().replace("_", "-").encode(), str(value).encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value != "")
    ]
    root, path = (environ.get(name, "").encode("latin-1") for name in ("SCRIPT_NAME", "PATH_INFO"))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": (root + path).decode("utf-8", "replace"),
        "raw_path": quote(root + path).encode(),
        "root_path": root.decode("utf-8", "replace"),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "headers": headers,
        "client": (environ["REMOTE_ADDR"], 0),
        "server": (environ["SERVER_NAME"], environ["SERVER_PORT"]),
    }


def send(handler: Any, environ: dict[str, Any]) -> Any:
    """Send the request of a test client."""
    through = served(handler)
    with through:
        return asyncio.run(through.send(scope_of(environ), environ["wsgi.input"].read(), environ))


async def ask_on_loop(handler: Any, scope: dict[str, Any]) -> Any:
    """Send the request of a test's async client."""
    through = served(handler)
    file = scope.pop("_body_file", None)
    query = scope.get("query_string", b"")
    scope["query_string"] = query.encode() if isinstance(query, str) else query
    with through:
        return await through.send(scope, b"" if file is None else file.read())


FRAMEWORK.module("core.asgi").get_asgi_application = application
FRAMEWORK.module("test.client").ClientHandler.__call__ = send
FRAMEWORK.module("test.client").AsyncClientHandler.__call__ = ask_on_loop
