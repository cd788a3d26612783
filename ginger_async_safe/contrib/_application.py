"""One ASGI application for sync and async views: sync views run in threads, async views on the event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from wsgiref.util import is_hop_by_hop

from asgiref.sync import sync_to_async

from ginger_async_safe.asgi.environ import mounted_path
from ginger_async_safe.asgi.exchange import CLIENT_TIMEOUT
from ginger_async_safe.asgi.handler import ASGIHandler
from ginger_async_safe.asgi.leased import LeasedThreads
from ginger_async_safe.asgi.pooled_thread import take_one
from ginger_async_safe.asgi.required_loop import RequiredLoop
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT, in_dedicated_thread
from ginger_async_safe.asgi.threads import MAX_WAITING
from ginger_async_safe.contrib._own_calls import OwnCalls
from ginger_async_safe.contrib._views import Handler, Views

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ginger_async_safe.asgi.threads import Stats
    from ginger_async_safe.contrib._framework import Framework

    Environ = dict[str, Any]
    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["FrameworkApplication"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")


_RESPONSE = "ginger_async_safe.response"
"""The environ key under which the response is kept until the framework's handler has returned it."""


class _HandOver:
    """Passes a response from the thread that created it to the loop.

    Attributes:
        responses: The response, if any; the code that removes it must close it.
        is_given_up: Whether the request was cancelled on the loop, so that the response is no longer needed there.
    """

    def __init__(self) -> None:
        self.responses: list[Any] = []
        self.is_given_up: bool = False


_hand_over: ContextVar[_HandOver] = ContextVar("_hand_over")
"""The one of the current request."""


class _ViewsInThreads(ASGIHandler):
    """Calls a view only when the body, or a window of it, has been received, like the framework's own ASGI handler.

    While a client slowly sends an ordinary form, no thread is occupied; and a client that disconnects before the form
    is complete causes no error in a view.
    """

    _may_start_early = False


class FrameworkApplication:
    """A GingerDJ or Django project as an ASGI application.

    A request for a sync view goes to the framework's WSGI handler, and runs in one thread; a request for an async view
    goes to the framework's ASGI handler, on the event loop. Both handlers have the project's middleware, and each can
    serve every view: a request that goes to the less suitable one is served correctly, but more slowly.

    Args:
        framework: The framework, with configured settings.
        threads: As for :class:`~ginger_async_safe.asgi.ASGIHandler`: one limit for sync views and for what async views
            call with ``sync_to_async``, together.
        queue_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds.
        client_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds; for sync views.
        max_waiting: As for :class:`~ginger_async_safe.asgi.ASGIHandler`; for sync views.
        shutdown_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds.
        keep_thread: As for :class:`~ginger_async_safe.asgi.LeasedThreads`; for async views.

    Raises:
        ConfigurationError: Where an argument or the setting ``GINGER_ASYNC_SAFE_HANDLERS`` is invalid.
    """

    def __init__(  # noqa: PLR0913 - each is a setting, and is given by name
        self,
        framework: Framework,
        *,
        threads: int | None = None,
        queue_timeout: float | None = None,
        client_timeout: float | None = CLIENT_TIMEOUT,
        max_waiting: int = MAX_WAITING,
        shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
        keep_thread: bool = False,
    ) -> None:
        self._asgi: Any = framework.module("core.asgi").get_asgi_application()  # sets the framework up
        self._wsgi = _wsgi_handler(framework)
        self._settings = framework.module("conf").settings
        self._views = Views(framework)
        self._own_calls = OwnCalls(framework)
        self._in_thread = _ViewsInThreads(
            self._answer,
            threads=threads,
            queue_timeout=queue_timeout,
            client_timeout=client_timeout,
            max_waiting=max_waiting,
            shutdown_timeout=shutdown_timeout,
        )
        self._on_loop = LeasedThreads(
            self._serve_on_loop,
            threads=threads,
            queue_timeout=queue_timeout,
            shutdown_timeout=shutdown_timeout,
            keep_thread=keep_thread,
        )
        self._on_loop.share_threads_of(self._in_thread)
        self._required_loop = RequiredLoop("get_asgi_application()")

    def stats(self) -> Stats:
        """Return the state of the threads, how many requests are queued, served and refused, and the longest wait."""
        return self._in_thread.stats()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection.

        Raises:
            ConfigurationError: Where the server does not run on asyncio; later requests are answered with status 500.
            ValueError: Where the framework does not serve connections of this type; raised by its own handler.
        """
        kind = scope["type"]
        if kind == "http":
            await self._serve(scope, receive, send)
        elif kind == "lifespan":
            await self._read_views()
            await self._in_thread(scope, receive, send)
        else:
            await self._on_loop(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = self._settings.FORCE_SCRIPT_NAME
        if prefix:  # the framework's ASGI handler removes it from the path, its WSGI handler expects that of the server
            scope = {**scope, "root_path": prefix}
        if not self._views.is_current:
            await self._read_views()
        _, path = mounted_path(scope)
        if self._views.handler_of(path or "/") is Handler.WSGI:
            await self._serve_in_thread(scope, receive, send)
        else:
            await self._on_loop(scope, receive, send)

    async def _read_views(self) -> None:
        """Read the project's URLs in a thread, since that imports the views, and the imports may block."""
        if self._required_loop.is_missing():
            return  # the handlers raise the error

        def read() -> None:
            try:
                self._views.read()
            except Exception:  # noqa: BLE001 - the framework's handler raises and reports it too
                return

        await in_dedicated_thread(read)

    async def _serve_in_thread(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve by the WSGI handler; stream an async response on the loop when the thread is done."""
        hand_over = _HandOver()
        _hand_over.set(hand_over)

        async def send_what_is_made(message: dict[str, Any]) -> None:
            if not hand_over.responses:
                await send(message)

        try:
            await self._in_thread(scope, receive, send_what_is_made)
        except BaseException:
            hand_over.is_given_up = True
            if (response := take_one(hand_over.responses)) is not None:
                asyncio.get_running_loop().run_in_executor(None, response.close)
            raise
        if hand_over.responses:
            await self._on_loop(scope, receive, send)

    def _answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - PEP 3333 has no type for it
        """Answer like the framework's WSGI handler, but leave the iteration of an async response to the loop.

        The framework would consume the whole iterator here before it sends the first byte.
        """
        try:
            response: Any = self._wsgi(environ, self._without_hop_by_hop(start_response))
        except BaseException:
            if _RESPONSE in environ:  # start_response raised, so the handler did not return the response
                environ.pop(_RESPONSE).close()
            raise
        environ.pop(_RESPONSE, None)
        if getattr(response, "is_async", False):
            hand_over = _hand_over.get()
            hand_over.responses.append(response)
            if hand_over.is_given_up and take_one(hand_over.responses) is not None:
                response.close()
            return []
        chunks: Iterable[bytes] = response
        return chunks

    def _without_hop_by_hop(self, start_response: Any) -> Any:  # noqa: ANN401 - as above
        """Drop hop-by-hop header fields, which belong to the server; the framework's ASGI handler passes them on."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ANN401 - as above
            kept = [field for field in headers if not is_hop_by_hop(field[0])]
            if len(kept) < len(headers):
                self._tell_of_hop_by_hop()
            return start_response(status, kept, exc_info)

        return start

    @functools.cache  # noqa: B019 - an application lives as long as its process
    def _tell_of_hop_by_hop(self) -> None:
        logger.warning(
            "views set hop-by-hop header fields, such as Connection; they are left out: they are the server's (PEP 3333)"
        )

    async def _serve_on_loop(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._own_calls.divert()
        hand_over = _hand_over.get(None)
        response = None if hand_over is None else take_one(hand_over.responses)
        if response is None:
            await self._asgi(scope, receive, send)
        else:
            await self._stream(response, receive, send)

    async def _stream(self, response: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - no types
        """Send a response that a view in a thread returned, until it ends or the client disconnects; then close it."""
        sending = asyncio.create_task(self._asgi.send_response(response, send))
        leaving = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            results = await asyncio.gather(sending, leaving, return_exceptions=True)
            await sync_to_async(response.close)()
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _wsgi_handler(framework: Framework) -> Callable[[Environ, Any], Any]:
    """Return the framework's WSGI handler, extended for request bodies without ``Content-Length``."""
    module = framework.module("core.handlers.wsgi")

    class WSGIRequest(module.WSGIRequest):  # type: ignore[misc, name-defined]
        """The framework's request, which also reads a body without ``Content-Length``, like its ASGIRequest."""

        def __init__(self, environ: Environ) -> None:
            super().__init__(environ)
            if "CONTENT_LENGTH" not in environ:
                self._stream: Any = environ["wsgi.input"]

    class WSGIHandler(module.WSGIHandler):  # type: ignore[misc, name-defined]
        """The framework's handler, which also stores the response in the environ for the caller to close."""

        request_class = WSGIRequest

        def get_response(self, request: Any) -> Any:  # noqa: ANN401 - no types
            response = super().get_response(request)
            request.environ[_RESPONSE] = response
            return response

    called: Callable[[Environ, Any], Any] = WSGIHandler()
    return called
