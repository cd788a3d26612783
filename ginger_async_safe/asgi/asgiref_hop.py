"""Run a request in a thread by asgiref's public ``SyncToAsync``."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import types
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from asgiref.sync import SyncToAsync

from ginger_async_safe.asgi.call import Call
from ginger_async_safe.asgi.pooled_thread import take_one

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from ginger_async_safe.asgi.call import WSGIApplication
    from ginger_async_safe.asgi.exchange import Exchange

__all__ = ["AsgirefHop"]


class AsgirefHop:
    """Uses asgiref's public ``SyncToAsync``, with an executor that runs calls in the request's thread."""

    name: str = "asgiref"

    def __init__(self) -> None:
        self._perform: Callable[[_AsgirefCall], Coroutine[Any, Any, None]] = SyncToAsync(
            Call.perform,
            thread_sensitive=False,
            executor=_Threads(),  # type: ignore[arg-type]
        )

    def start(
        self, application: WSGIApplication, exchange: Exchange, submit: Callable[[Call], None], *, is_alone: bool
    ) -> Coroutine[Any, Any, None]:
        """Request a thread to run the application, and return the coroutine that sends the response."""
        call = _AsgirefCall(application, exchange, is_alone=is_alone)
        steps = _Steps(call, submit)
        _next.set([steps])
        try:
            steps.begin(self._perform(call))
        except BaseException as error:
            steps.cancel(error)
            raise
        return self._respond(call, steps)

    async def _respond(self, call: _AsgirefCall, steps: _Steps) -> None:
        exchange = call.exchange
        try:
            if not steps.has_submitted:
                await steps.until_submitted()
            await exchange.respond(while_waiting=steps.go_on)
            steps.settle()
            if not steps.have_ended:
                await steps.until_ended()
        except BaseException as error:
            exchange.abandon()  # before asgiref cancels what the thread waits for
            steps.cancel(error)
            raise
        finally:
            call.functions.clear()


_next: contextvars.ContextVar[list[_Steps]] = contextvars.ContextVar("ginger_async_safe_next_steps")
"""The steps that will call the executor next; that call empties the list, so that copied contexts do not keep them."""


class _Threads(Executor):
    """The executor that asgiref calls: it runs each call in the thread of its request."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run a call in the thread of the current request.

        Returns:
            An asyncio future, which ``run_in_executor`` uses as it is. Wrapping a future of ``concurrent.futures``
            would wake the loop once for each call, and take two more iterations of it.
        """
        if args or kwargs:
            function = functools.partial(function, *args, **kwargs)
        return _next.get().pop().submit(function)


class _AsgirefCall(Call):
    """A call that runs in a thread through asgiref."""

    def __init__(self, application: WSGIApplication, exchange: Exchange, *, is_alone: bool) -> None:
        super().__init__(application, exchange, is_alone=is_alone)
        self.functions: list[Callable[[], object]] = []
        """At most one function: asgiref's wrapper of this call, which the thread takes and runs."""

    def run(self) -> None:
        """Make the call."""
        function = take_one(self.functions)
        if function is not None:  # it is None where the request was cancelled a moment ago
            function()


class _Steps:
    """A coroutine of asgiref, run step by step in the task that also sends the response.

    A task of its own for either would cost more turns of the loop, and the server's ``send`` would run in another task
    than the server's.

    Args:
        call: What asgiref has a thread make.
        submit: Has a thread of the pool make it.
    """

    def __init__(self, call: _AsgirefCall, submit: Callable[[Call], None]) -> None:
        self._call = call
        self._submit = submit
        self._coroutine: Coroutine[Any, Any, None]
        self._done = _Done(loop=call.exchange.loop)
        self._awaited: Any = None  # a future, or None for one turn of the loop
        self._is_watched = False
        self.has_submitted: bool = False
        """Whether asgiref has asked for the thread."""
        self.have_ended: bool = False
        """Whether the coroutine has come to its end."""

    def begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start asgiref's coroutine, which requests the thread and waits for it."""
        self._coroutine = coroutine
        self._step()

    def submit(self, function: Callable[[], object]) -> asyncio.Future[None]:
        """Have the thread call ``function``, which makes the call; return a future for its end."""
        self.has_submitted = True
        self._call.functions.append(function)
        self._submit(self._call)
        return self._done

    @types.coroutine
    def until_submitted(self) -> Generator[Any, Any, None]:
        """Run asgiref's coroutine until it has requested the thread."""
        while not self.has_submitted and not self.have_ended:
            yield self._awaited
            self._step()

    def go_on(self) -> None:
        """Run the coroutine one step where it need not wait, and arrange for another call when its wait ends.

        In the known versions it waits only for the thread, but asgiref does not guarantee that.
        """
        if not self.have_ended and (self._awaited is None or self._awaited.done()):
            self._step()
            self._is_watched = False
        if not self.have_ended and not self._is_watched:
            self._is_watched = True
            if self._awaited is None:  # as asyncio.sleep(0) does
                self._call.exchange.loop.call_soon(self._wake)
            else:
                self._awaited.add_done_callback(self._wake)

    def settle(self) -> None:
        """Mark the thread as done, and run the coroutine as far as it gets without waiting, normally to its end."""
        if self._is_watched and self._awaited is not None:
            self._awaited.remove_done_callback(self._wake)  # it would take another iteration of the loop
        self._done.settle()
        if not self.have_ended and self._awaited is not None and self._awaited.done():
            self._step()

    @types.coroutine
    def until_ended(self) -> Generator[Any, Any, None]:
        """Run the coroutine to its end."""
        while not self.have_ended:
            if self._awaited is None or not self._awaited.done():
                yield self._awaited
            self._step()

    def cancel(self, error: BaseException) -> None:
        """End the coroutine, and let it cancel what the thread waits for, as when its task is cancelled.

        It is closed then, since it would wait for the thread, and swallow the cancellation where the application does.
        """
        if not isinstance(error, GeneratorExit):
            with contextlib.suppress(BaseException):
                self._coroutine.throw(asyncio.CancelledError())
        self._coroutine.close()
        # Break reference cycles: the awaited future has callbacks that refer to this object, and to each other.
        if self._is_watched and self._awaited is not None:
            self._awaited.remove_done_callback(self._wake)
        self._awaited = None
        self._done.forget()

    def _wake(self, _: object = None) -> None:
        self._call.outbox.notice()

    def _step(self) -> None:
        try:
            self._awaited = self._coroutine.send(None)
        except StopIteration:
            self.have_ended = True


class _Done(asyncio.Future[None]):
    """A future that calls its callbacks at once when it is settled, and not one iteration of the loop later.

    Callbacks with a context belong to a task that awaits the future, and are left to the loop: a task cannot run inside
    another. asgiref's task awaits it through ``asyncio.shield``, which adds a callback without a context.
    """

    _at_once: tuple[Callable[[Any], object], ...] = ()

    def settle(self) -> None:
        """Set the result: the thread is done, or is not waited for."""
        if not self.done():
            self.set_result(None)
            callbacks, self._at_once = self._at_once, ()
            for callback in callbacks:
                callback(self)

    def forget(self) -> None:
        """Drop the callbacks that would be called at once."""
        self._at_once = ()

    def add_done_callback(self, fn: Callable[[Any], object], /, *, context: contextvars.Context | None = None) -> None:
        """Add a callback for the end; one without a context is called at once when the future is settled."""
        if context is None and not self.done():
            self._at_once += (fn,)
        else:
            super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Callable[[Any], object], /) -> int:
        """Remove a callback; return how many there were."""
        count = self._at_once.count(fn)
        self._at_once = tuple(each for each in self._at_once if each != fn)
        return count + super().remove_done_callback(fn)
