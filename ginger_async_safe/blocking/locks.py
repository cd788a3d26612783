"""Which code acquires a lock, and how long it may wait for it.

A lock that the project's own code acquires is a violation if another thread holds it. One that a library acquires
internally, as ``threading.Event.set`` does, is held for moments only, which users of the library cannot avoid: it is a
violation if it has really been waited for, and the report names the function that the project called.
"""

from __future__ import annotations

import os
import sys
import threading
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._runtime.frames import is_async
from ginger_async_safe.detect import calls_back, is_machinery
from ginger_async_safe.violation import GuardedCall, is_first_party, label, origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["LOCKS", "LONGEST_WAIT", "Taker", "called", "is_released_soon", "may_not_wait", "qualified_name", "taker_of"]

LOCKS = frozenset({"entering", "lock", "process_lock"})
"""The shapes of rules for locks."""

LONGEST_WAIT = 0.001
"""For how many seconds a library's lock may be waited for, if the thread that holds it could have run meanwhile."""

_LONGEST_IN_DOUBT = 0.25
"""For how many seconds, if other threads are ready to run, and the one that holds it may wait for a processor."""

_LONGEST_AT_REST = 0.05
"""For how many seconds, if none seems to be: a thread that waits for the interpreter lock sleeps too."""

_THREADS = "/proc/self/task"
_PASSING_ON = {
    ("threading", "__enter__"),  # of a condition
    ("multiprocessing.synchronize", "__enter__"),
    ("contextlib", "enter_context"),
    ("contextlib", "_enter_context"),
}
"""Functions that acquire a lock on behalf of their caller's ``with`` statement."""


class Taker(NamedTuple):
    """Which code acquires a lock.

    Attributes:
        frame: The frame that does; ``None`` if the loop itself calls the lock.
        is_direct: Whether that is the project's own code, or a callback of the loop.
        has_own_rule: Whether the object that acquires the lock for that frame, such as a condition, has a rule of its own.
    """

    frame: FrameType | None
    is_direct: bool
    has_own_rule: bool


def taker_of(caller: FrameType | None) -> Taker:
    """Return which code acquires a lock.

    Args:
        caller: The frame that calls the lock.
    """
    frame = caller
    while frame is not None and (_passes_on(frame) or (frame is not caller and _is_ours(frame))):
        frame = frame.f_back  # a wrapper of this library may be in between
    is_direct = frame is None or calls_back(frame) or _is_ours(frame) or _is_projects(frame)
    return Taker(frame, is_direct, caller is not frame and caller is not None and caller.f_code.co_name == "__enter__")


def _passes_on(frame: FrameType) -> bool:
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _PASSING_ON


def _is_ours(frame: FrameType) -> bool:
    return origin(frame.f_code.co_filename) == "ours"


def _is_projects(frame: FrameType) -> bool:
    """Return whether a frame is of the project; code that the standard library generates has no module."""
    return frame.f_globals.get("__name__") is not None and is_first_party(frame)


def is_released_soon(take: Callable[[float], bool]) -> bool:
    """Acquire a lock that another thread holds, if that releases it soon.

    It is given more time while it cannot run, because other threads or programs do.

    Args:
        take: Waits for the lock, at most for so many seconds, and returns whether it was acquired.
    """
    start = busy = monotonic()
    while True:
        began = monotonic()
        if take(LONGEST_WAIT):
            return True
        now = monotonic()
        if now - began >= 2 * LONGEST_WAIT or _anything_may_run():
            busy = now
        if now - busy > _LONGEST_AT_REST or now - start > _LONGEST_IN_DOUBT:
            return False


def _anything_may_run() -> bool:
    """Return whether another thread of this process is ready to run; only Linux reports that."""
    own = str(threading.get_native_id())
    try:
        return any(_state(each) == "R" for each in os.listdir(_THREADS) if each != own)  # noqa: PTH208 - paths cost
    except OSError:
        return False


def _state(thread: str) -> str:
    try:
        with open(f"{_THREADS}/{thread}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - likewise
            return file.read().rpartition(") ")[2][:1]  # as proc(5) has it, after a name in parentheses
    except OSError:  # it has ended
        return ""


def may_not_wait(frame: FrameType) -> bool:
    """Return whether a frame runs a guarded function that is called not to wait; such a call allows no calls below it."""
    if not (_is_ours(frame) or any(type(each) is GuardedCall for each in frame.f_code.co_consts)):
        return False
    values = frame.f_locals
    return not values.get("block", values.get("blocking", True)) or values.get("timeout") == 0


def called(taker: FrameType) -> FrameType:
    """Return the frame of the function that the project, a loop or a coroutine called, and that acquires a lock internally.

    Args:
        taker: The frame that acquires the lock.
    """
    found = taker
    frame = taker.f_back
    while frame is not None and not (is_async(frame) or is_machinery(frame) or _is_projects(frame)):
        if not _is_ours(frame):
            found = frame
        frame = frame.f_back
    return found


def qualified_name(frame: FrameType) -> str:
    """Return a library function's public name, such as ``concurrent.futures.Future.done``; empty if it has no module."""
    module = frame.f_globals.get("__name__")
    if module is None:
        return ""
    public = [part for part in str(module).split(".") if not part.startswith("_")]
    return ".".join([*public, _with_class(frame)])


def _with_class(frame: FrameType) -> str:
    """Return a function's name with its class, which code objects of Python 3.10 lack."""
    name = label(frame)
    code = frame.f_code
    if sys.version_info >= (3, 11) or not code.co_argcount:
        return name
    kinds = type(frame.f_locals.get(code.co_varnames[0])).__mro__
    holder = next((kind for kind in kinds if getattr(vars(kind).get(name), "__code__", None) is code), None)
    return name if holder is None else f"{holder.__name__}.{name}"
