"""The lease of a thread: it runs the sync code of one request in a thread of a pool, which it keeps while needed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections import OrderedDict, deque
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from typing_extensions import ParamSpec

from ginger_async_safe.asgi.environ import request_name
from ginger_async_safe.asgi.holdings import holdings_here
from ginger_async_safe.asgi.lookout import Lookouts
from ginger_async_safe.asgi.loop_call_queue import call_queue_of
from ginger_async_safe.asgi.pooled_thread import take_one
from ginger_async_safe.asgi.turns import turns_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ginger_async_safe.asgi.holdings import Holdings
    from ginger_async_safe.asgi.loop_call_queue import LoopCallQueue
    from ginger_async_safe.asgi.threads import ThreadPool
    from ginger_async_safe.asgi.workers import Worker

    Scope = dict[str, Any]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Call = tuple[Callable[[], Any], asyncio.Future[Any], LoopCallQueue]

__all__ = ["Lease", "Lender"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

QUIET_SECONDS = 0.02
"""Seconds without a call after which a request can give up its thread. Where it has used no database, it need not wait.

After using a database, it may have to open a new connection in its next thread.
"""

_SECONDS_BETWEEN_LOOKS = 1.0
"""Interval at which a thread checks whether it still holds anything: a cursor may be freed without a call."""


class Lender:
    """The state shared by all requests of one application: the pool, and which requests can give up their thread.

    Args:
        pool: The pool of threads.
        queue_timeout: Seconds that a request waits for a thread before it is refused, or ``None`` for no limit.
        keep_thread: Whether a request keeps its thread to its end, even where it could give it up.
    """

    def __init__(self, pool: ThreadPool, queue_timeout: float | None, *, keep_thread: bool) -> None:
        self.lend_from(pool)
        self.queue_timeout: float | None = queue_timeout
        self.keep_thread: bool = keep_thread
        self.quiet: OrderedDict[Lease, None] = OrderedDict()
        """Requests that can give up their thread, ordered by time without a call, the longest first."""

    def lend_from(self, pool: ThreadPool) -> None:
        """Use another pool, for later requests."""
        self.pool: ThreadPool = pool
        self.lookouts: Lookouts = Lookouts(pool, None)

    def take_back_one(self) -> None:
        """Make one request that can give up its thread give it back, where there is one."""
        with contextlib.suppress(KeyError):  # there is none
            while not self.quiet.popitem(last=False)[0].give_back():
                pass


class Lease(Executor):
    """An executor that runs its calls one after the other, in one leased thread at a time.

    The first call leases a thread. It is given back at the end of the request; or earlier, where other requests wait
    for a thread, this one holds no state of the request, and the request makes no call. The next call then leases a
    thread again.

    Args:
        lender: Provides the thread.
        scope: The scope of the request.
    """

    def __init__(self, lender: Lender, scope: Scope) -> None:
        self._lender = lender
        self._pool = lender.pool
        self._scope = scope
        self._calls: deque[Call] = deque()
        self._submitted = 0
        self._threads_requested = 0
        self._made = 0
        self._parked: list[Worker] = []  # the thread, while it waits for a call: the code that removes it wakes it
        self._needs_thread = [True]
        self._claim: list[bool] = []  # taken by the thread that was requested, or by the code that cancels the request
        self._is_quiet = False
        self._is_wanted_back = False
        self._has_ended = False
        self._holdings: Holdings | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_refused = False
        self._has_responded = False

    # On the loop, or on another one that a view has started

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Any:  # noqa: ANN401
        """Run a call in the thread.

        Returns:
            An asyncio future, which ``run_in_executor`` uses as it is. Wrapping a future of ``concurrent.futures``
            would wake the loop once for each call, and take two more iterations of it.

        Raises:
            RuntimeError: Where the lease has ended. asgiref then uses an executor of its own.
        """
        if self._has_ended:
            msg = "the request that leased this thread has ended"
            raise RuntimeError(msg)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_R] = loop.create_future()
        self._submitted += 1  # before a thread is requested: the request is no longer quiet
        if self._is_quiet:
            self._stop_being_quiet()
        self._calls.append((functools.partial(function, *args, **kwargs), future, call_queue_of(loop)))
        if take_one(self._needs_thread):
            self._request_thread(loop)
        elif (worker := take_one(self._parked)) is not None:
            worker.wake()
        return future

    def _request_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads_requested += 1
        self._claim.append(True)
        try:
            self._pool.submit(self)
        except RuntimeError:  # no thread can be started now, but perhaps for the next call
            self._claim.clear()
            self._calls.clear()
            self._needs_thread.append(True)
            raise
        if self._pool.is_overfull:
            self._lender.take_back_one()
            if self._pool.can_make_room:
                self._lender.lookouts.here().look_after_leasing(self)
            timeout = self._lender.queue_timeout
            if timeout is not None and not self._has_responded and not self._is_refused:
                self._stop_timer()
                self._timer = loop.call_later(timeout, self._refuse, self._threads_requested)

    def _refuse(self, threads_requested: int) -> None:
        """Cancel the waiting calls, unless the requested thread has begun."""
        if threads_requested != self._threads_requested or self._has_responded or take_one(self._claim) is None:
            return
        self._is_refused = True
        self._pool.refused += 1
        self._pool.drop()
        while (call := take_one(self._calls)) is not None:
            _, future, call_queue = call
            with contextlib.suppress(RuntimeError):  # that loop is closed
                call_queue.post(future.cancel)
        self._needs_thread.append(True)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, submitted: int) -> None:
        """Mark the request as quiet some iterations of the loop later, unless it makes a call."""
        if submitted == self._submitted:
            turns_of(asyncio.get_running_loop()).call_later(functools.partial(self._be_quiet, submitted))

    def _be_quiet(self, submitted: int) -> None:
        """Mark the request as able to give up its thread, unless it has made a call or has ended."""
        if submitted == self._submitted and not self._has_ended:
            self._is_quiet = True
            self._lender.quiet[self] = None
            if self._pool.is_overfull:
                self._lender.take_back_one()

    def _stop_being_quiet(self) -> None:
        self._is_quiet = False
        self._lender.quiet.pop(self, None)

    def give_back(self) -> bool:
        """Make the thread return to the pool where it still waits for a call; return whether it does."""
        worker = take_one(self._parked)
        if worker is None:
            return False
        self._is_wanted_back = True
        worker.wake()
        return True

    def watching(self, send: Send) -> Send:
        """Return a ``send`` that records when the response begins."""

        async def watched(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._has_responded = True
            await send(message)

        return watched

    def end(self) -> None:
        """Give the thread back when its last call is done."""
        self._stop_timer()
        self.call_off()

    @property
    def is_claimed(self) -> bool:
        """Whether it no longer waits for a thread: it has one, was refused, or has ended."""
        return self._has_ended or not self._claim

    def notice_leaving(self) -> None:
        """Do nothing: listening for a disconnect is left to the application."""

    @property
    def is_unanswered(self) -> bool:
        """Whether the request was refused, and no response has begun."""
        return self._is_refused and not self._has_responded

    # In any thread

    @property
    def name(self) -> str:
        """Method and path of the request."""
        return request_name(self._scope["method"], self._scope["path"])

    @property
    def is_given_up(self) -> bool:
        """Whether the request has ended."""
        return self._has_ended

    def call_off(self) -> None:
        """End the lease and give the thread back; works without a running loop."""
        self._has_ended = True
        if self._is_quiet:
            self._stop_being_quiet()
        if (worker := take_one(self._parked)) is not None:
            if self._holdings is not None and self._holdings.is_left_open():
                worker.wake()
            else:
                self._pool.release(worker)
        elif self._made and take_one(self._needs_thread) is not None:
            self._pool.count_one()

    # In the thread

    def begin(self) -> bool:
        """Claim the lease's calls for this thread; return whether they were still unclaimed."""
        return take_one(self._claim) is not None

    def run(self) -> None:
        """Make the calls until the lease ends, or the thread is given back."""
        worker = cast("Worker", threading.current_thread())
        holdings = self._holdings = holdings_here()
        holdings.begin(is_first=not self._made)
        call_queue: LoopCallQueue | None = None
        while True:
            has_ended = self._has_ended  # read first: calls may come before the end, and none after it
            try:
                call: Call | None = self._calls.popleft()
            except IndexError:
                call = None
            if call is not None:
                self._is_wanted_back = False
                call_queue = call[2]
                _make(*call)
                self._made += 1
                del call  # the call refers to its result, and the next one may not come for a long time
            elif has_ended:
                holdings.end(self.name)
                return
            elif not self._is_wanted_back:
                self._wait(worker, holdings, call_queue)
            elif self._has_given_back(worker, holdings):
                return

    def _has_given_back(self, worker: Worker, holdings: Holdings) -> bool:
        """Give the thread back, unless there is a new call or the lease has ended; return whether it was given back."""
        self._is_wanted_back = False
        holdings.close_old_connections()
        self._needs_thread.append(True)
        # Check again: a call that was submitted before that line waits for this thread.
        if (self._calls or self._has_ended) and take_one(self._needs_thread) is not None:
            return False
        self._pool.put_off(worker)
        return True

    def _wait(self, worker: Worker, holdings: Holdings, call_queue: LoopCallQueue | None) -> None:
        """Wait for a call, for the end of the lease, or until another request needs the thread."""
        submitted = self._submitted
        self._parked.append(worker)
        # Check again: a call or the end of the lease before that line did not wake this thread.
        if (self._calls or self._has_ended) and take_one(self._parked) is not None:
            return
        if not self._lender.keep_thread and call_queue is not None:
            do_others_wait = worker.generation.queue and self._pool.is_overfull
            seconds = 0.0 if do_others_wait and holdings.is_untouched() else QUIET_SECONDS
            while True:
                if worker.wait_for(seconds):
                    return
                if not self._parked:  # it is about to be woken, or was released
                    break
                if holdings.is_free():
                    with contextlib.suppress(RuntimeError):  # the loop is closed: there will be no other call
                        call_queue.post(functools.partial(self._look, submitted))
                    break
                seconds = _SECONDS_BETWEEN_LOOKS
        worker.wait()

    def finish(self) -> None:
        """Do nothing: each call has its own future."""


def _make(function: Callable[[], Any], future: asyncio.Future[Any], call_queue: LoopCallQueue) -> None:
    """Make a call, and schedule on the loop that its future gets the result or the error."""
    if future.cancelled():
        return
    try:
        settle = functools.partial(_settle, future, function())
    except StopIteration as error:
        stopped = RuntimeError("a call in a thread raised StopIteration, which would end who awaits it (PEP 479)")
        stopped.__cause__ = error
        settle = functools.partial(_settle, future, None, stopped)
    except BaseException as error:  # noqa: BLE001 - raised where the future is awaited
        settle = functools.partial(_settle, future, None, error)
    with contextlib.suppress(RuntimeError):  # the loop is closed: no task waits
        call_queue.post(settle)


def _settle(future: asyncio.Future[Any], result: object, error: BaseException | None = None) -> None:
    """Set the result or the error of a future."""
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
