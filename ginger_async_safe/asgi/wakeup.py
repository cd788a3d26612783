"""What a task awaits when the callback that ends the wait should run the task at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Generator
    from contextvars import Context

__all__ = ["Wakeup"]


class Wakeup:
    """A future, as far as a task needs one, that runs its task where it is set instead of one turn of the loop later.

    A turn of the loop costs a system call and the interpreter's lock. For a single task; each wait needs a new one.

    Args:
        loop: The task's.
    """

    _asyncio_future_blocking = False  # what tells a task that this is a future

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
        if self._context is None or asyncio.current_task(self._loop) is not None:  # a task cannot run inside another
            self._loop.call_soon(resume, self, context=self._context)
        else:
            self._context.run(resume, self)

    # What the task calls

    def get_loop(self) -> AbstractEventLoop:
        """Return the loop that this belongs to."""
        return self._loop

    def add_done_callback(self, callback: Callable[[Wakeup], object], *, context: Context | None = None) -> None:
        """Take what resumes the task."""
        self._resume = callback
        self._context = context

    def cancel(self, msg: object = None) -> bool:
        """Have the task raise CancelledError, one turn of the loop later as with any future."""
        if self._resume is None:
            return False
        self._error = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
        resume, self._resume = self._resume, None
        self._loop.call_soon(resume, self, context=self._context)
        return True

    def result(self) -> None:
        """Raise what the wait ended with.

        Raises:
            asyncio.CancelledError: Where it was cancelled.
        """
        if self._error is not None:
            raise self._error
