"""Supervise requests that wait for a long time: for a thread, or for the rest of their body."""

from __future__ import annotations

import asyncio
import sys
import time
import weakref
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from ginger_async_safe.asgi.processors import Stopwatch
from ginger_async_safe.asgi.response import retry_after
from ginger_async_safe.asgi.threads import LONG_WAIT

if TYPE_CHECKING:
    from ginger_async_safe.asgi.exchange import Exchange
    from ginger_async_safe.asgi.threads import ThreadPool

__all__ = ["SHORT_WHILE", "Lookout", "Lookouts"]

SHORT_WHILE = 0.1
"""Seconds after which a request gets a thread although its body is not complete."""

_SECONDS_BETWEEN_LOOKS = LONG_WAIT / 2
_NEARLY = 0.8  # tolerance for the limited precision of clocks and timers


class _Queued(Protocol):
    """A request that waits for a thread."""

    @property
    def is_claimed(self) -> bool:
        """Whether it no longer waits."""
        ...

    def notice_leaving(self) -> None:
        """Start to listen for the client's disconnect. Called when the request has waited for :data:`LONG_WAIT`."""
        ...


class Lookout:
    """Supervises the waiting requests of one event loop with a single timer, which runs only while requests wait.

    Most requests wait for less than one interval of the timer. One timer per request would cost more than the rest of
    its wait.

    Args:
        pool: The pool that provides the threads.
        queue_timeout: Seconds that a request may wait for a thread, or ``None`` for no limit.
    """

    def __init__(self, pool: ThreadPool, queue_timeout: float | None) -> None:
        self._pool = pool
        self._queue_timeout = queue_timeout
        # All in the order of arrival, with the time of arrival.
        self._queued: dict[_Queued, float] = {}
        self._queued_long: dict[_Queued, float] = {}
        self._receiving: dict[Exchange, float] = {}
        self._refusals: dict[Exchange, asyncio.TimerHandle] = {}
        self._stopwatch: Stopwatch | None = None  # set while the timer runs
        self._is_busy = False
        self._next_look = 0.0
        self._latest = 0.0

    @property
    def may_start_early(self) -> bool:
        """Whether a request may get a thread before its body is complete."""
        return self._pool.may_start_early

    def count_stalled(self) -> None:
        """Count a client that was disconnected before its request had a thread."""
        self._pool.count_stalled()

    def look_after_queued(self, exchange: Exchange) -> None:
        """Supervise a request that waits for a thread.

        After :data:`LONG_WAIT`, start to listen for the client's disconnect, so that the request can be dropped, and
        have the pool make room. After ``queue_timeout``, refuse the request.
        """
        exchange.lookout = self
        self.look_after_leasing(exchange)
        if self._queue_timeout is not None:
            loop = asyncio.get_running_loop()
            self._refusals[exchange] = loop.call_later(self._queue_timeout, self._refuse, exchange)

    def look_after_leasing(self, request: _Queued) -> None:
        """Have the pool make room where a request waits for long; refusing it after a timeout is left to the caller."""
        self._queued_long.pop(request, None)
        self._queued[request] = time.monotonic()
        self._begin()

    def look_after_body(self, exchange: Exchange) -> None:
        """Supervise a request whose body is arriving; after :data:`SHORT_WHILE`, it gets a thread anyway."""
        self._receiving[exchange] = time.monotonic()
        self._begin()

    def forget_body(self, exchange: Exchange) -> None:
        """Stop supervising the body of a request."""
        self._receiving.pop(exchange, None)

    def forget(self, exchange: Exchange) -> None:
        """Stop supervising a request that waited for a thread."""
        if self._queued.pop(exchange, None) is None:
            self._queued_long.pop(exchange, None)
        if self._refusals:
            refusal = self._refusals.pop(exchange, None)
            if refusal is not None:
                refusal.cancel()

    def _begin(self) -> None:
        if self._stopwatch is None:
            self._stopwatch = Stopwatch()
            self._look_later()

    def _look_later(self) -> None:
        asyncio.get_running_loop().call_later(_SECONDS_BETWEEN_LOOKS, self._look)
        self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS

    def _look(self) -> None:
        if not (self._queued or self._queued_long or self._receiving):
            self._stopwatch = None
            return
        self._ask_for_processors(time.monotonic() - self._next_look)
        self._look_later()
        self._look_at_bodies()
        self._look_at_queued()

    def _ask_for_processors(self, late: float) -> None:
        """Determine whether the CPU is busy, once per :data:`LONG_WAIT`.

        Args:
            late: Seconds by which the timer was late. A thread that computes holds the GIL for a switch interval, and
                the loop waits for it; where other processes use the CPU, the loop waits longer.
        """
        self._latest = max(self._latest, late)
        if self._stopwatch is not None and self._stopwatch.seconds >= LONG_WAIT:
            self._is_busy = self._stopwatch.was_busy() or self._latest >= _NEARLY * sys.getswitchinterval()
            self._latest = 0.0

    def _look_at_bodies(self) -> None:
        now = time.monotonic()
        for exchange, since in tuple(self._receiving.items()):
            if now - since < SHORT_WHILE:
                break
            if exchange.starts_early():
                self.forget_body(exchange)

    def _look_at_queued(self) -> None:
        now = time.monotonic()
        for request, since in tuple(self._queued.items()):
            if now - since < LONG_WAIT:
                break
            self._queued_long[request] = self._queued.pop(request)
            request.notice_leaving()
        for request in tuple(self._queued_long):
            if request.is_claimed:
                del self._queued_long[request]
            elif not self._pool.make_room(is_busy=self._is_busy):
                break

    def _refuse(self, exchange: Exchange) -> None:
        """Answer with 503, unless a thread has begun the request meanwhile."""
        self._pool.refused += 1  # before the answer, which the next call sends
        if not exchange.refuse(HTTPStatus.SERVICE_UNAVAILABLE, retry_after(self._queue_timeout or 0)):
            self._pool.refused -= 1


class Lookouts:
    """The :class:`Lookout` of each event loop.

    Args:
        pool: As for :class:`Lookout`.
        queue_timeout: As for :class:`Lookout`, in seconds.
    """

    def __init__(self, pool: ThreadPool, queue_timeout: float | None) -> None:
        self._pool = pool
        self._queue_timeout = queue_timeout
        # Weak references, since a Lookout refers to its loop; its timer and the waiting requests keep it alive.
        self._lookouts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[Lookout]]
        self._lookouts = weakref.WeakKeyDictionary()

    def here(self) -> Lookout:
        """Return the :class:`Lookout` of the running loop."""
        loop = asyncio.get_running_loop()
        reference = self._lookouts.get(loop)
        lookout = None if reference is None else reference()
        if lookout is None:
            lookout = Lookout(self._pool, self._queue_timeout)
            self._lookouts[loop] = weakref.ref(lookout)
        return lookout
