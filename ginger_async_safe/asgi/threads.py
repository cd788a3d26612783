"""Leased threads: worker threads that one request has to itself, from a bounded pool."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import inspect
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from asgiref.sync import AsyncToSync, SyncToAsync, ThreadSensitiveContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Executor

    from typing_extensions import Self

__all__ = ["DEFAULT_THREADS", "LeasedThreadPool"]

DEFAULT_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""As many as ``concurrent.futures`` takes for work that waits more than it computes."""


class LeasedThreadPool:
    """At most ``threads`` threads; each serves one lease at a time, and leases queue in order.

    A pool may serve several event loops in turn.

    Args:
        threads: The most threads that run at once.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._started = 0
        self._idle: list[ThreadPoolExecutor] = []
        self._waiting: collections.deque[asyncio.Future[ThreadPoolExecutor]] = collections.deque()

    @contextlib.asynccontextmanager
    async def lease(self) -> AsyncIterator[None]:
        """Have ``sync_to_async`` run everything in one thread that nothing else uses, inside the block."""
        executor = await self._take()
        try:
            async with _thread_sensitive_context(executor):
                yield
        except asyncio.CancelledError:
            # The thread may still be at work for us. It is free when it gets to the next thing.
            loop = asyncio.get_running_loop()
            executor.submit(loop.call_soon_threadsafe, self._give_back, executor)
            raise
        except BaseException:
            self._give_back(executor)
            raise
        else:
            self._give_back(executor)

    def close(self) -> None:
        """End the idle threads; a later lease starts new ones."""
        while self._idle:
            self._idle.pop().shutdown(wait=False)
            self._started -= 1

    async def _take(self) -> ThreadPoolExecutor:
        if self._idle:
            return self._idle.pop()  # the last one back is the warmest
        if self._started < self._threads:
            self._started += 1
            return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"leased-{self._started}")
        turn: asyncio.Future[ThreadPoolExecutor] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(turn.result())
            raise

    def _give_back(self, executor: ThreadPoolExecutor) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(executor)
                return
        self._idle.append(executor)


if "executor" in inspect.signature(ThreadSensitiveContext).parameters:

    def _thread_sensitive_context(executor: Executor) -> ThreadSensitiveContext:
        return ThreadSensitiveContext(executor=executor)

else:  # asgiref before 3.13, the newest for Python 3.10

    def _thread_sensitive_context(executor: Executor) -> ThreadSensitiveContext:
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
