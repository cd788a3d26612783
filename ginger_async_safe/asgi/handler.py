"""An ASGI application around a WSGI application, which runs in dedicated threads."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.exchange import CLIENT_TIMEOUT, Exchange
from ginger_async_safe.asgi.hops import hop_named
from ginger_async_safe.asgi.lookout import Lookouts
from ginger_async_safe.asgi.required_loop import RequiredLoop
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT, in_dedicated_thread
from ginger_async_safe.asgi.threads import (
    MAX_WAITING,
    MOST_THREADS,
    ThreadPool,
    checked_max_waiting,
    checked_number,
    checked_threads,
)
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from ginger_async_safe.asgi.call import Call
    from ginger_async_safe.asgi.hops import HopName
    from ginger_async_safe.asgi.lookout import Lookout
    from ginger_async_safe.asgi.threads import Stats

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

__all__ = ["ASGIHandler"]


class ASGIHandler:
    """Serve a WSGI application under any ASGI server.

    All application code of a request, from reading the body to ``close()``, runs in one thread that no other request
    uses meanwhile. No event loop waits for that thread, so every guarded call is allowed in it; and the server's loop
    never waits for the application.

    Args:
        wsgi_application: The application (PEP 3333).
        threads: How many requests may run at once; further ones are queued in order. By default the number of
            processors plus four, at most 32; and up to 40 where requests have waited for 50 ms although the CPU has
            capacity left.
        queue_timeout: How many seconds a request may wait for a thread before it is answered with 503 and
            ``Retry-After``; ``None`` for no limit.
        max_body: How many bytes the body of a request may have; a larger one is answered with 413, and the rest is not
            read. ``None`` for no limit.
        client_timeout: How many seconds a thread waits for a client that neither sends more of its body nor receives
            more of the response, before the client is disconnected; ``None`` for no limit.
        max_waiting: How many threads may wait for their clients in addition to those that run. Where more wait, and
            requests wait for a thread, the client that has made no progress for longest is disconnected.
        shutdown_timeout: How many seconds a shutdown waits for requests in flight; ``None`` for no limit. For a request
            that the server has cancelled, the limit is one second. Requests that remain are logged, and do not keep the
            process from exiting.
        hop: How a request is run in its thread: ``"asgiref"``, by asgiref's public ``sync_to_async``; ``"fast"``, by a
            faster implementation of the same behaviour, for the versions of asgiref that it was written for. By
            default the fast one where it supports the installed asgiref.

    Raises:
        ConfigurationError: Where an argument is invalid.
    """

    _may_start_early = True
    """Whether the application is called before the body is complete, where the body arrives slowly."""

    def __init__(  # noqa: PLR0913 - each is a setting, and is given by name
        self,
        wsgi_application: WSGIApplication,
        *,
        threads: int | None = None,
        queue_timeout: float | None = None,
        max_body: int | None = None,
        client_timeout: float | None = CLIENT_TIMEOUT,
        max_waiting: int = MAX_WAITING,
        shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
        hop: HopName | None = None,
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
        self._client_timeout = checked_number(
            "client_timeout", client_timeout, "the seconds that a client may make no progress"
        )
        checked_number("shutdown_timeout", shutdown_timeout, "the seconds that a shutdown may wait")
        self._required_loop = RequiredLoop("ASGIHandler")
        self._hop = hop_named(hop)
        self._pool = ThreadPool(
            checked_threads(threads),
            shutdown_timeout,
            most=MOST_THREADS if threads is None else None,
            max_waiting=checked_max_waiting(max_waiting),
        )
        self._lookouts = Lookouts(self._pool, self._queue_timeout)

    def stats(self) -> Stats:
        """Return the state of the threads, how many requests are queued, served and refused, and the longest wait.

        Also which hop is in use.
        """
        return self._pool.stats(self._hop.name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as the ASGI specification says.

        Raises:
            ConfigurationError: Where the server does not run on asyncio; later requests are answered with status 500.
            ValueError: Where the type of the scope is not supported.
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
        try:
            exchange = Exchange(
                scope,
                receive,
                send,
                max_body=self._max_body,
                client_timeout=self._client_timeout,
                may_start_early=self._may_start_early,
            )
        except RuntimeError:
            if self._required_loop.is_missing():
                await self._required_loop.refuse_request(send)
                return
            raise
        try:
            await exchange.serve(self)
        except BaseException:
            exchange.abandon()
            raise
        finally:
            if exchange.lookout is not None:
                exchange.lookout.forget(exchange)

    def start(self, exchange: Exchange) -> Coroutine[Any, Any, None]:
        """Request a thread to run the application for an exchange, and return the coroutine that sends the response.

        Raises:
            RuntimeError: Where the operating system cannot start a thread.
        """
        return self._hop.start(self._application, exchange, self._submit, is_alone=self._pool.is_idle)

    def _submit(self, call: Call) -> None:
        self._pool.submit(call)
        call.exchange.on_call_off = self._pool.drop  # set after submit(): a job that is not queued cannot be dropped
        if self._pool.is_overfull:
            self.lookout().look_after_queued(call.exchange)

    def lookout(self) -> Lookout:
        """Return the supervisor of waiting requests for the running loop."""
        return self._lookouts.here()

    def lend_threads(self, on_overfull: Callable[[], None]) -> ThreadPool:
        """Return the pool, to be shared. Internal: for :class:`LeasedThreads`.

        Args:
            on_overfull: Called when a request of the handler has to wait, so that another gives its thread back.
        """
        self._pool.on_overfull = on_overfull
        return self._pool

    async def _live(self, receive: Receive, send: Send) -> None:
        """Answer the server's lifespan: at once at start-up, and after the requests in flight at shutdown."""
        if self._required_loop.is_missing():
            await self._required_loop.refuse_lifespan(receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await in_dedicated_thread(self._pool.join)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _is_async(application: object) -> bool:
    """Return whether a call returns a coroutine, as with an ASGI application that was passed by mistake."""
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(type(application).__call__)
