"""Leased threads for ASGI applications that have an async handler of their own."""

from __future__ import annotations

import functools
import inspect
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import AsyncToSync, SyncToAsync, ThreadSensitiveContext
from typing_extensions import ParamSpec

from ginger_async_safe.asgi.threads import ThreadPool, checked_threads
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import Self

    from ginger_async_safe.asgi.threads import Stats

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

__all__ = ["LeasedThreads"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class LeasedThreads:
    """ASGI middleware that gives each request a thread from a bounded pool, for its sync code.

    GingerDJ and Django open a ``ThreadSensitiveContext`` for each request, and asgiref starts and ends a thread for
    each. Inside this middleware theirs finds ours, and starts none. Because threads live on, so do thread-local
    database connections, and there are never more of them than threads.

    Args:
        asgi_application: The application.
        threads: How many requests may have a thread at once; further ones wait in order. By default the number of
            processors and four, at most 32.

    Raises:
        ConfigurationError: Where an argument makes no sense.
    """

    def __init__(self, asgi_application: ASGIApplication, *, threads: int | None = None) -> None:
        if not callable(asgi_application):
            msg = (
                f"LeasedThreads wraps an ASGI application, and {type(asgi_application).__name__} is not one; "
                "pass what get_asgi_application() returns"
            )
            raise ConfigurationError(msg)
        self._application = asgi_application
        self._pool = ThreadPool(checked_threads(threads))

    def stats(self) -> Stats:
        """Return how many threads are busy and idle, how many requests are queued and served, and the wait."""
        return self._pool.stats()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection: a request with a thread where it has sync code, without one where it has none.

        A websocket gets none: it may stay for hours, and a few of them would have all threads.
        """
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            if scope["type"] == "lifespan":
                self._pool.close()
            return
        lease = _Lease(self._pool)
        try:
            async with _context_with(lease):
                await self._application(scope, receive, send)
        finally:
            lease.end()


def _call(future: Future[_R], function: Callable[[], _R]) -> None:
    """Make a call, and give what comes of it to a future."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - handed to who waits for the future
        future.set_exception(error)
    finally:
        del future  # an error keeps this frame, which must not keep the future that keeps the error


class _Lease(Executor):
    """An executor whose calls all run in one thread of a pool, which it has from its first call to its end."""

    def __init__(self, pool: ThreadPool) -> None:
        self._pool = pool
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._has_thread = False
        self._has_ended = False

    # On the loop

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        if self._has_ended:
            msg = "the request that leased this thread has ended; a task that outlives it needs a thread of its own"
            raise RuntimeError(msg)
        future: Future[_R] = Future()
        self._calls.put(functools.partial(_call, future, functools.partial(function, *args, **kwargs)))
        if not self._has_thread:
            self._has_thread = True
            self._pool.submit(self)
        return future

    def end(self) -> None:
        """Give the thread back when its last call is done."""
        self._has_ended = True
        self._calls.put(None)

    def call_off(self) -> None:
        """Give the thread back: there is no loop any more."""
        self.end()

    # In the thread

    def begin(self) -> bool:
        """Tell that there is always something to do."""
        return True

    def run(self) -> None:
        """Make the calls until the lease ends."""
        while (call := self._calls.get()) is not None:
            call()
            del call  # the next one may be long in coming, and this one holds its result

    def finish(self) -> None:
        """Tell nobody: those who wait have their futures."""


if "executor" in inspect.signature(ThreadSensitiveContext).parameters:

    def _context_with(executor: Executor) -> ThreadSensitiveContext:
        return ThreadSensitiveContext(executor=executor)

else:  # asgiref before 3.13, the newest for Python 3.10

    def _context_with(executor: Executor) -> ThreadSensitiveContext:
        return _ContextWithExecutor(executor)


class _ContextWithExecutor(ThreadSensitiveContext):
    """What ``ThreadSensitiveContext(executor=...)`` is from asgiref 3.13 on: the executor is the caller's to end."""

    def __init__(self, executor: Executor) -> None:
        super().__init__()
        self._lent = executor

    async def __aenter__(self) -> Self:
        self.token: Any = SyncToAsync.thread_sensitive_context.set(self)
        SyncToAsync.context_to_thread_executor[self] = self._lent
        # Servers keep one context for a connection, and asgiref leaves an executor of an earlier request in it.
        self._left_behind = getattr(AsyncToSync.executors, "current", None)
        AsyncToSync.executors.current = None
        return self

    async def __aexit__(self, *_error: object) -> None:
        SyncToAsync.context_to_thread_executor.pop(self, None)
        SyncToAsync.thread_sensitive_context.reset(self.token)
        AsyncToSync.executors.current = self._left_behind
        self.token = None
