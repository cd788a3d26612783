"""Leased threads for ASGI applications that have an async handler of their own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import threading
from collections import deque
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asgiref.sync import AsyncToSync, SyncToAsync, ThreadSensitiveContext
from typing_extensions import ParamSpec

from ginger_async_safe.asgi.mailbox import mailbox_of
from ginger_async_safe.asgi.threads import ThreadPool, checked_threads
from ginger_async_safe.asgi.workers import take_one
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import Self

    from ginger_async_safe.asgi.mailbox import Mailbox
    from ginger_async_safe.asgi.threads import Stats
    from ginger_async_safe.asgi.workers import Worker

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


class _Lease(Executor):
    """An executor whose calls all run in one thread of a pool, which it has from its first call to its end.

    Args:
        pool: Where the thread comes from.
    """

    def __init__(self, pool: ThreadPool) -> None:
        self._pool = pool
        self._calls: deque[Callable[[], None]] = deque()
        self._parked: list[Worker] = []  # the thread, while it waits for a call: whoever takes it out wakes it
        self._needs_thread = [True]
        self._has_ended = False

    # On the loop, or on another one that a view has started

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Any:  # noqa: ANN401
        """Have the thread make a call.

        Returns:
            A future of asyncio. ``run_in_executor`` takes one as it is: making it from one of ``concurrent.futures``
            would wake the loop once for each call, and cost it two more turns.

        Raises:
            RuntimeError: Where the lease has ended.
        """
        if self._has_ended:
            msg = "the request that leased this thread has ended; a task that outlives it needs a thread of its own"
            raise RuntimeError(msg)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_R] = loop.create_future()
        self._calls.append(
            functools.partial(_call, functools.partial(function, *args, **kwargs), future, mailbox_of(loop))
        )
        if take_one(self._needs_thread):
            try:
                self._pool.submit(self)
            except RuntimeError:  # the system has no thread left; it may have one for the next call
                self._calls.clear()
                self._needs_thread.append(True)
                raise
        elif (worker := take_one(self._parked)) is not None:
            worker.wake()
        return future

    def end(self) -> None:
        """Give the thread back when its last call is done."""
        self._has_ended = True
        if (worker := take_one(self._parked)) is not None:
            self._pool.release(worker)

    def call_off(self) -> None:
        """Give the thread back: there is no loop any more."""
        self.end()

    # In the thread

    def begin(self) -> bool:
        """Tell that there is always something to do: a first call, which may have been cancelled."""
        return True

    def run(self) -> None:
        """Make the calls until the lease ends."""
        worker = cast("Worker", threading.current_thread())
        while True:
            has_ended = self._has_ended  # looked at first: no call comes after the end, but one may have before it
            try:
                call = self._calls.popleft()
            except IndexError:
                if has_ended:
                    return
                self._parked.append(worker)
                # A second look: who has come before that line has not seen this thread.
                if (self._calls or self._has_ended) and take_one(self._parked) is not None:
                    continue
                worker.wait()
            else:
                call()
                del call  # the next one may be long in coming, and this one holds its result

    def finish(self) -> None:
        """Tell nobody: those who wait have their futures."""


def _call(function: Callable[[], _R], future: asyncio.Future[_R], mailbox: Mailbox) -> None:
    """Make a call, and have the loop give what comes of it to who waits for it."""
    if future.cancelled():
        return
    try:
        settle = functools.partial(_settle, future, function())
    except StopIteration as error:
        stopped = RuntimeError("a call in a thread raised StopIteration, which would end who awaits it (PEP 479)")
        stopped.__cause__ = error
        settle = functools.partial(_settle, future, None, stopped)
    except BaseException as error:  # noqa: BLE001 - handed to who waits for the future
        settle = functools.partial(_settle, future, None, error)
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
        mailbox.post(settle)


def _settle(future: asyncio.Future[Any], result: object, error: BaseException | None = None) -> None:
    """Give a future what came of its call."""
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


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
        # The executor stays where tasks that outlive the request find it: it tells them so.
        SyncToAsync.thread_sensitive_context.reset(self.token)
        AsyncToSync.executors.current = self._left_behind
        self.token = None
