"""Leased threads for ASGI applications that have their own async handler."""

from __future__ import annotations

import asyncio
import inspect
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from asgiref.sync import ThreadSensitiveContext

from ginger_async_safe.asgi import _asgiref_private as private
from ginger_async_safe.asgi.lease import Lease, Lender
from ginger_async_safe.asgi.required_loop import RequiredLoop
from ginger_async_safe.asgi.response import plain_response, retry_after
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT, in_dedicated_thread
from ginger_async_safe.asgi.threads import MOST_THREADS, ThreadPool, checked_number, checked_threads
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Executor

    from typing_extensions import Self

    from ginger_async_safe.asgi.handler import ASGIHandler
    from ginger_async_safe.asgi.threads import Stats

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

__all__ = ["LeasedThreads"]


class LeasedThreads:
    """ASGI middleware that gives each request a thread from a bounded pool, for its sync code.

    GingerDJ and Django open a ``ThreadSensitiveContext`` for each request, and asgiref starts and ends a thread for
    each. Inside this middleware, their context finds the one of the middleware, and asgiref starts no thread. The
    threads are long-lived, and so are thread-local database connections; there are never more of them than threads.

    All sync code of a request runs in its thread, one call after the other. Where other requests wait for a thread, a
    request that currently runs no sync code, such as a long poll, an event stream or a response to a slow client, gives
    its thread back, and its next call runs in any free thread, and so with another database connection. A request keeps
    its thread while the state of its connection there matters, as in a transaction. A ``threading.local`` of the
    application is not detected: use asgiref's ``Local``, a context variable, or ``keep_thread``.

    Args:
        asgi_application: The application.
        threads: How many requests may have a thread at once; further ones are queued in order. By default the number of
            processors plus four, at most 32; and up to 40 where requests have waited for 50 ms although the CPU has
            capacity left.
        queue_timeout: How many seconds a request may wait for a thread. Then its waiting calls are cancelled, and it is
            answered with 503 and ``Retry-After``, unless its response has begun. ``None`` for no limit.
        shutdown_timeout: How many seconds the end of the process waits for sync code in flight; ``None`` for no limit.
            For a request that the server has cancelled, the limit is one second.
        keep_thread: Whether a request keeps its thread from its first sync call to its end, even where others wait.

    Raises:
        ConfigurationError: Where an argument is invalid.
    """

    def __init__(
        self,
        asgi_application: ASGIApplication,
        *,
        threads: int | None = None,
        queue_timeout: float | None = None,
        shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
        keep_thread: bool = False,
    ) -> None:
        if not callable(asgi_application):
            msg = (
                f"LeasedThreads wraps an ASGI application, and {type(asgi_application).__name__} is not one; "
                "pass what get_asgi_application() returns"
            )
            raise ConfigurationError(msg)
        self._application = asgi_application
        self._queue_timeout = checked_number("queue_timeout", queue_timeout, "the seconds that a request may wait")
        checked_number("shutdown_timeout", shutdown_timeout, "the seconds that a shutdown may wait")
        self._required_loop = RequiredLoop("LeasedThreads")
        self._pool = ThreadPool(
            checked_threads(threads), shutdown_timeout, most=MOST_THREADS if threads is None else None
        )
        self._lender = Lender(self._pool, queue_timeout, keep_thread=keep_thread)

    def share_threads_of(self, handler: ASGIHandler) -> None:
        """Use the pool of a handler, so that both share one limit, one queue and one shutdown.

        Args:
            handler: The handler for the other requests of the same application; it must not have served any yet.
        """
        self._pool = handler.lend_threads(self._lender.take_back_one)
        self._lender.lend_from(self._pool)

    def stats(self) -> Stats:
        """Return how many threads are busy and idle, how many requests are queued and served, and the longest wait."""
        return self._pool.stats()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection: a request gets a thread when it first calls sync code, and none where it calls none.

        A websocket gets no thread: it may stay open for hours, and a few of them would occupy all threads.

        Raises:
            ConfigurationError: Where the server does not run on asyncio; later requests are answered with status 500.
        """
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            if self._required_loop.is_missing():
                await self._required_loop.refuse_request(send)
                return
            raise
        lease = Lease(self._lender, scope)
        try:
            async with _RequestContext(executor=lease):
                await self._application(scope, receive, send if self._queue_timeout is None else lease.watching(send))
        except asyncio.CancelledError:
            if not lease.is_unanswered:
                raise
        finally:
            lease.end()
        if lease.is_unanswered:
            for message in plain_response(HTTPStatus.SERVICE_UNAVAILABLE, retry_after(self._queue_timeout or 0)):
                await send(message)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the lifespan; before the application's answer to its shutdown, wait for sync code in flight."""
        if self._required_loop.is_missing():
            await self._required_loop.refuse_lifespan(receive, send)
            return

        async def send_at_the_end(message: dict[str, Any]) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                await in_dedicated_thread(self._pool.join)
            await send(message)

        await self._application(scope, receive, send_at_the_end)
        self._pool.close()


class _RequestContext(ThreadSensitiveContext):
    """A context with an executor that the caller owns, and that tasks may outlive.

    Sync code of such tasks then runs in an executor of asgiref's, as after a context without an executor. Since version
    3.13, asgiref refuses that for contexts with one, so that no call moves to another thread unnoticed; but without
    this library such calls move as well.
    """

    if "executor" in inspect.signature(ThreadSensitiveContext).parameters:

        async def __aexit__(self, *error: object) -> None:
            await super().__aexit__(*error)  # type: ignore[no-untyped-call]
            private.forget_exit(self)

    else:  # asgiref before 3.13, the newest for Python 3.10

        def __init__(self, executor: Executor) -> None:
            super().__init__()
            self._lent = executor

        async def __aenter__(self) -> Self:
            self.token: Any = private.thread_sensitive_context.set(self)
            private.context_to_thread_executor[self] = self._lent
            # Servers reuse one context for all requests of a connection, and asgiref leaves the executor of an earlier
            # request in it.
            self._left_behind = getattr(private.executors, "current", None)
            private.executors.current = None
            return self

        async def __aexit__(self, *error: object) -> None:
            private.context_to_thread_executor.pop(self, None)
            private.thread_sensitive_context.reset(self.token)
            private.executors.current = self._left_behind
            self.token = self._left_behind = None
