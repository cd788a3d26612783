"""Whether a call is made by a finalizer. If it were stopped, the cleanup would never happen."""

from __future__ import annotations

import io
import sys
import traceback
import weakref
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_VARARGS
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.frames import instruction_of, is_async

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

__all__ = ["made_by_finalizer"]

_FINALIZE = ("weakref", "__call__")  # of weakref.finalize, which drops its callback before calling it
_CLEANS_UP = CO_GENERATOR | CO_COROUTINE
_DROPS = (
    *("DELETE_DEREF", "DELETE_FAST", "DELETE_GLOBAL", "DELETE_NAME", "STORE_DEREF", "STORE_FAST", "STORE_GLOBAL"),
    *("STORE_NAME", "POP_EXCEPT", "POP_ITER", "POP_TOP", "RERAISE", "END_FOR"),
)
"""Prefixes of the names of instructions that call nothing, but may drop the last reference to an object."""


def made_by_finalizer(frames: Sequence[FrameType]) -> bool:
    """Return whether a call is made by ``__del__``, by a weak reference's callback, or while a generator is being closed.

    Args:
        frames: The frame that makes the call, and its callers up to the loop.
    """
    closed = _closed(frames)
    return any(_finalizes(frame) or frame in closed for frame in frames)


def _closed(frames: Sequence[FrameType]) -> set[FrameType]:
    """Return the frames of generators and coroutines that are being closed, found by the GeneratorExit being handled."""
    found: set[FrameType] = set()
    error = sys.exc_info()[1]
    while error is not None:  # an exception raised while handling it has it as context
        if isinstance(error, GeneratorExit):
            found.update(frame for frame, _ in traceback.walk_tb(error.__traceback__))
        error = error.__context__
    outermost_async = next((frame for frame in reversed(frames) if is_async(frame)), None)
    return {
        frame
        for frame in found
        if frame.f_code.co_flags & _CLEANS_UP
        # An async generator closed by a task may be stopped like the task, but not one that the loop itself closes.
        or (frame.f_code.co_flags & CO_ASYNC_GENERATOR and frame is outermost_async)
    }


def _finalizes(frame: FrameType) -> bool:
    """Return whether Python called a frame's function to finalize an object."""
    code, caller = frame.f_code, frame.f_back
    if code.co_name == "__del__" or (frame.f_globals.get("__name__"), code.co_name) == _FINALIZE:
        return True
    if caller is None or is_async(frame):
        return False
    if instruction_of(caller).startswith(_DROPS):
        return True
    # Before Python 3.13, reading a frame's variables keeps them alive as long as the frame: so do it only where the
    # caller does not name the function.
    if sys.version_info < (3, 13) and _is_named(code.co_name, caller):
        return False
    arguments = list(_arguments(frame))
    return any(map(_is_dead, arguments)) or (bool(arguments) and _ends(arguments[0], frame))


def _is_named(name: str, caller: FrameType) -> bool:
    code = caller.f_code
    return name in code.co_names or name in code.co_varnames or name in code.co_freevars or name in code.co_cellvars


def _arguments(frame: FrameType) -> Iterator[Any]:
    code, values = frame.f_code, frame.f_locals
    yield from (values.get(name) for name in code.co_varnames[: code.co_argcount])
    if code.co_flags & CO_VARARGS:
        rest = values.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        yield from rest if type(rest) is tuple else ()


def _is_dead(argument: object) -> bool:
    """Return whether an argument is a dead weak reference: the callback of a weak reference receives one."""
    # Not isinstance: it reads __class__, which makes a lazy proxy create its object.
    return issubclass(type(argument), weakref.ref) and weakref.ref.__call__(argument) is None  # type: ignore[arg-type]


def _ends(owner: object, frame: FrameType) -> bool:
    """Return whether a function finalizes its first argument: as its class's ``__del__``, or as a file's ``close``."""
    kind = type(owner)
    finalizer: Any = next((vars(each)["__del__"] for each in kind.__mro__ if "__del__" in vars(each)), None)
    finalizer = getattr(finalizer, "func", finalizer)  # of a partial method
    caller = frame.f_back
    if getattr(finalizer, "__code__", None) is frame.f_code:
        return caller is None or not _is_named(frame.f_code.co_name, caller)
    is_file = issubclass(kind, io.IOBase) and frame.f_code.co_name == "close"
    return is_file and caller is not None and not _is_named("close", caller)
