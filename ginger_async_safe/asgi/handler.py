"""An ASGI application around a WSGI application, which runs in threads of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from ginger_async_safe.asgi.exchange import Exchange
from ginger_async_safe.asgi.threads import DEFAULT_THREADS, LeasedThreadPool
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

__all__ = ["ASGIHandler"]


class ASGIHandler:
    """Serve a WSGI application under any ASGI server.

    Everything of a request that is the application's, from reading the body to ``close()``, runs in one thread that
    no other request uses meanwhile. There no event loop waits, so every guarded call is allowed; and the loop itself
    never waits for the application.

    Args:
        wsgi_application: The application (PEP 3333).
        threads: How many requests may run at once; further ones wait in order. By default the number of processors
            and four, at most 32.

    Raises:
        ConfigurationError: Where ``wsgi_application`` cannot be called, or ``threads`` is not a positive number.
    """

    def __init__(self, wsgi_application: WSGIApplication, *, threads: int | None = None) -> None:
        if not callable(wsgi_application) or asyncio.iscoroutinefunction(wsgi_application):
            msg = (
                f"ASGIHandler serves a WSGI application, and {type(wsgi_application).__name__} is not one; "
                "pass a sync callable that takes environ and start_response"
            )
            raise ConfigurationError(msg)
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            msg = f"threads={threads!r}: give the number of requests that may run at once, 1 or more"
            raise ConfigurationError(msg)
        self._application = wsgi_application
        self._threads = LeasedThreadPool(threads or DEFAULT_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as the ASGI specification says.

        Raises:
            ValueError: Where the type of the scope is none that a WSGI application can serve.
        """
        kind = scope["type"]
        if kind == "http":
            await self._serve(scope, receive, send)
        elif kind == "lifespan":
            await self._live(receive, send)
        elif kind == "websocket":
            await receive()  # the client asks to connect; the server answers a close now with a 403
            await send({"type": "websocket.close", "code": 1000})
        else:
            msg = f"a WSGI application serves http, and this connection is of type {kind!r}"
            raise ValueError(msg)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        await exchange.receive_first()
        if exchange.client_left:
            return
        try:
            async with self._threads.lease():
                await sync_to_async(exchange.run)(self._application)
            await exchange.finish()
        except BaseException:
            exchange.abandon()
            raise

    async def _live(self, receive: Receive, send: Send) -> None:
        """Answer the server's lifespan: nothing is to be prepared, and idle threads end with it."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._threads.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
