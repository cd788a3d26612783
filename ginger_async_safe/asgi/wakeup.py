"""An awaitable whose completion resumes the waiting task at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ginger_async_safe.detect import AsyncioLoops

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Generator
    from contextvars import Context

__all__ = ["Wakeup", "current_task"]

current_task: Callable[[AbstractEventLoop], asyncio.Task[object] | None] = AsyncioLoops().current_task
"""Returns a loop's current task, even one implemented in Python, unlike ``asyncio.current_task`` since Python 3.14."""


class Wakeup:
    """A minimal future that runs its task as soon as it is set, instead of one iteration of the loop later.

    An iteration of the loop costs a system call, and acquiring the GIL. For a single task; each wait needs a new one.

    Args:
        loop: The loop of the task.
    """

    _asyncio_future_blocking = False  # asyncio recognises a future by this attribute

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._resume: Callable[[Wakeup], object] | None = None
        self._context: Context | None = None
        self._error: asyncio.CancelledError | None = None

    def __await__(self) -> Generator[Wakeup, None, None]:
        """Wait until it is set."""
        self._asyncio_future_blocking = True
        yield self
        self.result()

    def set(self) -> None:
        """Run the task that waits. Called on the loop."""
        resume, self._resume = self._resume, None
        if resume is None:
            return
        if self._context is None or current_task(self._loop) is not None:  # a task cannot run inside another
            self._loop.call_soon(resume, self, context=self._context)
        else:
            self._context.run(resume, self)

    # Called by the task

    def get_loop(self) -> AbstractEventLoop:
        """Return the loop of the task."""
        return self._loop

    def add_done_callback(self, callback: Callable[[Wakeup], object], *, context: Context | None = None) -> None:
        """Store the callback that resumes the task."""
        self._resume = callback
        self._context = context

    def cancel(self, msg: object = None) -> bool:
        """Make the task raise CancelledError, one iteration of the loop later as with any future."""
        if self._resume is None:
            return False
        self._error = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
        resume, self._resume = self._resume, None
        self._loop.call_soon(resume, self, context=self._context)
        return True

    def result(self) -> None:
        """Return, or raise the error that ended the wait.

        Raises:
            asyncio.CancelledError: Where the wait was cancelled.
        """
        error, self._error = self._error, None  # the error's traceback refers to this object: avoid a cycle
        if error is not None:
            try:
                raise error
            finally:
                del error
