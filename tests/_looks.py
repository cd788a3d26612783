"""What every public function of detection returns in one place. Imports nothing but the library."""

from __future__ import annotations

import contextvars
from typing import NamedTuple

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, current_async_library, in_async_context

__all__ = ["ASYNCIO", "NOWHERE", "TRIO", "Look", "in_copied_context", "is_stopped", "look", "look_async"]


class Look(NamedTuple):
    """What the library says about the code that calls it."""

    is_async: bool
    library: str | None
    is_stopped: bool


ASYNCIO = Look(is_async=True, library="asyncio", is_stopped=True)
TRIO = Look(is_async=True, library="trio", is_stopped=True)
NOWHERE = Look(is_async=False, library=None, is_stopped=False)


@async_unsafe
def _blocking() -> str:
    return "it ran"


def is_stopped() -> bool:
    """Return whether a guarded call is stopped here."""
    try:
        return _blocking() != "it ran"
    except SynchronousOnlyOperation:
        return True


def look() -> Look:
    """Call every function of detection from here."""
    return Look(in_async_context(), current_async_library(), is_stopped())


def in_copied_context() -> Look:
    """Do the same inside ``Context.run``."""
    return contextvars.copy_context().run(look)


async def look_async() -> Look:
    """Do the same in a coroutine."""
    return look()
