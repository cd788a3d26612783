"""Schedule calls on an event loop from threads, with one wake-up of the loop for many calls."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["LoopCallQueue", "call_queue_of"]


class LoopCallQueue:
    """A queue of calls from any thread to one event loop.

    Waking a loop costs a system call. One wake-up serves all calls that are posted until the loop handles it.

    Args:
        loop: The loop that makes the calls.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)  # weak, since _queues maps the loop, as a weak key, to this queue
        self._calls: deque[Callable[[], Any]] = deque()
        self._is_awake = False

    def post(self, call: Callable[[], Any]) -> None:
        """Schedule a call on the loop, without waiting for it.

        Raises:
            RuntimeError: Where the loop is closed or was garbage-collected.
        """
        self._calls.append(call)
        self.announce()

    def announce(self) -> None:
        """Wake the loop ahead of a call that will be posted very soon, to save the time of the wake-up then.

        Raises:
            RuntimeError: Where the loop is closed or was garbage-collected.
        """
        loop = self._loop()
        # A loop that is awake has not emptied the queue yet, and will make the calls in it, unless it was closed.
        if not self._is_awake or loop is None or loop.is_closed():
            self._is_awake = True
            try:
                self._wake()
            except RuntimeError:
                self._is_awake = False  # so that the next post raises too
                self._calls.clear()
                raise

    def _wake(self) -> None:
        loop = self._loop()
        if loop is None:
            msg = "the event loop is gone"
            raise RuntimeError(msg)
        loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        self._is_awake = False  # set before the queue is emptied: a call posted from now on wakes the loop again
        try:
            while self._calls:
                self._calls.popleft()()
        except BaseException:  # re-raise what ends the loop (SystemExit), but schedule the remaining calls
            if self._calls:
                self._is_awake = True
                self._wake()
            raise


_queues: weakref.WeakKeyDictionary[AbstractEventLoop, LoopCallQueue] = weakref.WeakKeyDictionary()


def call_queue_of(loop: AbstractEventLoop) -> LoopCallQueue:
    """Return the call queue of a loop. Called on that loop only, so no two threads create a queue for the same loop."""
    queue = _queues.get(loop)
    if queue is None:
        for other in _queues.keyrefs():
            if (closed := other()) is not None and closed.is_closed():
                _queues.pop(closed, None)  # a call left in the queue may refer to the loop, and keep it alive
        queue = _queues[loop] = LoopCallQueue(loop)
    return queue
