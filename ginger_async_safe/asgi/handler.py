"""An ASGI application around a WSGI application, which runs in threads of its own."""

from __future__ import annotations

import asyncio
import inspect
import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.exchange import Exchange
from ginger_async_safe.asgi.threads import ThreadPool, checked_number, checked_threads
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ginger_async_safe.asgi.threads import Stats

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

__all__ = ["ASGIHandler"]

_LONG_WAIT = 0.1  # seconds; most requests have a thread sooner, and need no task that listens for their client


class ASGIHandler:
    """Serve a WSGI application under any ASGI server.

    Everything of a request that is the application's, from reading the body to ``close()``, runs in one thread that
    no other request uses meanwhile. There no event loop waits, so every guarded call is allowed; and the loop itself
    never waits for the application.

    Args:
        wsgi_application: The application (PEP 3333).
        threads: How many requests may run at once; further ones wait in order. By default the number of processors
            and four, at most 32.
        queue_timeout: How many seconds a request may wait for a thread before it is answered with 503 and
            ``Retry-After``; ``None`` for any time.
        max_body: How many bytes the body of a request may have before it is answered with 413, its rest unread;
            ``None`` for any number.

    Raises:
        ConfigurationError: Where an argument makes no sense.
    """

    def __init__(
        self,
        wsgi_application: WSGIApplication,
        *,
        threads: int | None = None,
        queue_timeout: float | None = None,
        max_body: int | None = None,
    ) -> None:
        if not callable(wsgi_application) or _is_async(wsgi_application):
            msg = (
                f"ASGIHandler serves a WSGI application, and {type(wsgi_application).__name__} is not one; "
                "pass a sync callable that takes environ and start_response"
            )
            raise ConfigurationError(msg)
        self._application = wsgi_application
        self._queue_timeout = checked_number("queue_timeout", queue_timeout, "the seconds that a request may wait")
        self._max_body = checked_number("max_body", max_body, "the bytes that a request's body may have")
        self._pool = ThreadPool(checked_threads(threads))

    def stats(self) -> Stats:
        """Return how many threads are busy and idle, how many requests are queued, served and refused, and the wait."""
        return self._pool.stats()

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
        exchange = Exchange(self._application, scope, receive, send, max_body=self._max_body)
        timers: list[asyncio.TimerHandle] = []
        try:
            if await exchange.receive_body():
                exchange.on_call_off = self._pool.drop
                exchange.is_alone = self._pool.is_idle
                self._pool.submit(exchange)
                if self._pool.is_overfull:
                    timers = self._timers(exchange)
            await exchange.respond()
        except BaseException:
            exchange.abandon()
            raise
        finally:
            for timer in timers:
                timer.cancel()

    def _timers(self, exchange: Exchange) -> list[asyncio.TimerHandle]:
        """Have something done about a request that has to wait for a thread for long."""
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(_LONG_WAIT, exchange.notice_leaving)]
        if self._queue_timeout is not None:
            timers.append(loop.call_later(self._queue_timeout, self._refuse, exchange))
        return timers

    def _refuse(self, exchange: Exchange) -> None:
        """Answer a request that has waited too long for a thread, unless one has it by now."""
        retry_after = b"%d" % math.ceil(self._queue_timeout or 1)
        self._pool.refused += 1  # before it is answered, which happens within the call
        if not exchange.refuse(HTTPStatus.SERVICE_UNAVAILABLE, (b"retry-after", retry_after)):
            self._pool.refused -= 1

    async def _live(self, receive: Receive, send: Send) -> None:
        """Answer the server's lifespan: nothing is to be prepared, and at its end the requests in flight are."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._pool.join)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _is_async(application: object) -> bool:
    """Tell whether a call gives a coroutine: so do the ASGI applications that are given here by mistake."""
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(type(application).__call__)
