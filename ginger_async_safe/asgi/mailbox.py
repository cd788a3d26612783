"""Calls that threads have an event loop make, many for one wake-up."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["Mailbox", "mailbox_of"]


class Mailbox:
    """Where any thread leaves a call for one event loop.

    Waking a loop costs a system call. One wake-up serves all that is posted until the loop gets to it.

    Args:
        loop: The loop that makes the calls.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)  # a box is the value to its loop's weak key: it must not keep its own key
        self._calls: deque[Callable[[], Any]] = deque()
        self._is_awake = False

    def post(self, call: Callable[[], Any]) -> None:
        """Have the loop make a call, without waiting for it.

        Raises:
            RuntimeError: Where the loop is closed or gone.
        """
        self._calls.append(call)
        self.announce()

    def announce(self) -> None:
        """Wake the loop for a call that will be posted very soon, lest its waking is waited for then.

        Raises:
            RuntimeError: Where the loop is closed or gone.
        """
        loop = self._loop()
        # Where it is awake, the loop has yet to empty the box, and finds what is in it: unless it was closed.
        if not self._is_awake or loop is None or loop.is_closed():
            self._is_awake = True
            try:
                self._wake()
            except RuntimeError:
                self._is_awake = False  # whoever posts next is told too
                self._calls.clear()
                raise

    def _wake(self) -> None:
        loop = self._loop()
        if loop is None:
            msg = "the event loop is gone"
            raise RuntimeError(msg)
        loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        self._is_awake = False  # before the box is emptied: a call posted from now on wakes the loop again
        try:
            while self._calls:
                self._calls.popleft()()
        except BaseException:  # what ends the loop (SystemExit) goes on; the next call has not been made
            if self._calls:
                self._is_awake = True
                self._wake()
            raise


_boxes: weakref.WeakKeyDictionary[AbstractEventLoop, Mailbox] = weakref.WeakKeyDictionary()


def mailbox_of(loop: AbstractEventLoop) -> Mailbox:
    """Return the one mailbox of a loop. Called on that loop, so that no two threads ask for the same one."""
    box = _boxes.get(loop)
    if box is None:
        box = _boxes[loop] = Mailbox(loop)
    return box
