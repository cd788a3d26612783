"""Calls that threads have an event loop make, many for one wake-up."""

from __future__ import annotations

import threading
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
        self._wake = loop.call_soon_threadsafe
        self._calls: deque[Callable[[], Any]] = deque()
        self._is_awake = False

    def post(self, call: Callable[[], Any]) -> None:
        """Have the loop make a call, without waiting for it.

        Raises:
            RuntimeError: Where the loop is closed.
        """
        self._calls.append(call)
        if not self._is_awake:  # else the loop has yet to empty the box, and finds this call there too
            self._is_awake = True
            self._wake(self._empty)

    def _empty(self) -> None:
        self._is_awake = False  # before the box is emptied: a call posted from now on wakes the loop again
        while self._calls:
            self._calls.popleft()()


_lock = threading.Lock()
_boxes: weakref.WeakKeyDictionary[AbstractEventLoop, Mailbox] = weakref.WeakKeyDictionary()


def mailbox_of(loop: AbstractEventLoop) -> Mailbox:
    """Return the one mailbox of a loop."""
    box = _boxes.get(loop)
    if box is None:
        with _lock:
            box = _boxes.setdefault(loop, Mailbox(loop))
    return box
