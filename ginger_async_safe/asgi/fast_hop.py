"""Run a request in a thread in place of asgiref's ``sync_to_async``, with less overhead."""

from __future__ import annotations

import contextvars
import os
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi import _asgiref_private as private
from ginger_async_safe.asgi.call import Call

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from ginger_async_safe.asgi.call import WSGIApplication
    from ginger_async_safe.asgi.exchange import Exchange

__all__ = ["FastHop"]


class FastHop:
    """Does what asgiref's ``sync_to_async`` does to the loop's context and to the thread, in one wake-up of the loop.

    It uses private names of asgiref, and supports only the versions that it was written for.
    """

    name: str = "fast"

    def start(
        self, application: WSGIApplication, exchange: Exchange, submit: Callable[[Call], None], *, is_alone: bool
    ) -> Coroutine[Any, Any, None]:
        """Request a thread to run the application, and return the coroutine that sends the response."""
        call = _FastCall(application, exchange, is_alone=is_alone)
        submit(call)
        return self._respond(call)

    async def _respond(self, call: _FastCall) -> None:
        exchange = call.exchange
        try:
            await exchange.respond()
        except BaseException:
            if not exchange.loop.is_closed():
                for task in call.tasks:  # cancel async code that the application waits for, as sync_to_async does
                    task.cancel()
            raise
        private.restore_context(call.context)  # context variables set by the application become visible to the server


class _FastCall(Call):
    """A call in a thread that has the thread-local state of asgiref's ``sync_to_async``."""

    def __init__(self, application: WSGIApplication, exchange: Exchange, *, is_alone: bool) -> None:
        super().__init__(application, exchange, is_alone=is_alone)
        self.context: contextvars.Context = contextvars.copy_context()
        self.tasks: list[asyncio.Task[Any]] = []
        """The tasks in which ``async_to_sync`` runs coroutines for the thread."""

    def run(self) -> None:
        """Run the application; ``async_to_sync`` in it uses the server's loop, and its tasks are recorded."""
        threadlocal = private.threadlocal
        threadlocal.main_event_loop = self.exchange.loop
        threadlocal.main_event_loop_pid = os.getpid()
        threadlocal.task_context = self.tasks
        try:
            self.context.run(self._perform_in_context)
        finally:
            threadlocal.main_event_loop = threadlocal.task_context = None

    def _perform_in_context(self) -> None:
        private.restore_context(self.context)  # asgiref's Locals are bound to a thread: rebind them to this one
        self.perform()
