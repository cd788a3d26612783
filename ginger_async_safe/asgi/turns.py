"""Schedule calls on an event loop a few iterations later, after the work that is pending now."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Turns", "turns_of"]

ITERATIONS = 10
"""How many iterations of the loop a call waits: a request makes its next call within five after a call's result."""


class Turns:
    """Counts the iterations of one loop while calls wait for them, with one callback per iteration for all calls."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, Callable[[], object]]] = deque()
        self._number = 0

    def call_later(self, call: Callable[[], object]) -> None:
        """Schedule a call after :data:`ITERATIONS` iterations of the loop. Called on the loop."""
        if not self._calls:
            asyncio.get_running_loop().call_soon(self._turn)
        self._calls.append((self._number + ITERATIONS, call))

    def _turn(self) -> None:
        self._number += 1
        while self._calls and self._calls[0][0] <= self._number:
            self._calls.popleft()[1]()
        if self._calls:
            asyncio.get_running_loop().call_soon(self._turn)


_turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = weakref.WeakKeyDictionary()


def turns_of(loop: asyncio.AbstractEventLoop) -> Turns:
    """Return the counter of a loop. Called on that loop only, so no two threads create a counter for the same loop."""
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = Turns()
    return turns
