"""Whether a blocking call that is about to run is a violation."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import TYPE_CHECKING, Any

from ginger_async_safe._frames import is_async
from ginger_async_safe.blocking.restrictions import is_meant
from ginger_async_safe.detect import async_context
from ginger_async_safe.policy import enforce
from ginger_async_safe.violation import GuardedCall, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["CLOSES_WHAT_IS_WRITTEN", "judge", "judge_call"]

_MACHINERY = re.compile(r"(asyncio|uvloop|trio|anyio|sniffio|outcome|nest_asyncio|asgiref)(\..*)?")
"""Event loops know what they do; and what they wait for, the loop waits for anyway."""

_CALL_BACK = {
    ("asyncio.events", "_run"),
    ("asyncio.runners", "run"),  # a loop in C has no frame of its own, and seems to be this,
    ("uvloop", "run"),  # or this before Python 3.11
    ("trio._core._entry_queue", "run_cb"),
}
_STARTING_A_THREAD = ("threading", "start")
_TRYING = {
    ("ginger_async_safe.pytest_plugin.asserting", "_on_loop"),
    ("ginger_async_safe.pytest_plugin.asserting", "in_task"),
}
"""Where assert_async_unsafe makes the call that a test is about."""

_INNOCENT = re.compile(
    r"(importlib|_frozen_importlib|_frozen_importlib_external|zipimport|linecache|traceback|warnings|tokenize|logging"
    r"|faulthandler|tracemalloc|_pytest|pluggy|ginger_async_safe)(\..*)?"
)
"""What reads files because of what the program is, not because of what it does."""

CLOSES_WHAT_IS_WRITTEN = "close_when_written"
"""The wrapper that does by itself what the program asked for: a frame of ours that stands for its caller."""


def judge(
    rule: BlockingCall, call: GuardedCall, args: Iterable[Any], kwargs: Mapping[str, Any], caller: FrameType | None
) -> None:
    """Decide on a call that a rule covers.

    Args:
        rule: The rule.
        call: What a violation says of it.
        args: The call's positional arguments, with the object that a method belongs to.
        kwargs: The call's keyword arguments.
        caller: The frame that makes the call.

    Raises:
        SynchronousOnlyOperation: Where the call is a violation and the policy is to raise.
    """
    __tracebackhide__ = True  # pytest shows the call, and not what stopped it
    if caller is not None and is_loops_own(caller):
        return
    if rule.blocks is not None and not rule.blocks(*args, **kwargs):
        return
    context = async_context()
    if context is None or _is_innocent(rule, context.frames(caller)):
        return
    if is_meant(rule, context.frames(caller)):
        enforce(call, caller)


def judge_call(rule: BlockingCall, call: GuardedCall) -> None:
    """Decide on the call of the function, or wrapper, that asks this first thing.

    Args:
        rule: The rule.
        call: What a violation says of it.

    Raises:
        SynchronousOnlyOperation: As :func:`judge`.
    """
    __tracebackhide__ = True
    frame = sys._getframe(1)
    if frame.f_back is None or not is_loops_own(frame.f_back):
        judge(rule, call, *_arguments(frame), frame.f_back)


def _arguments(frame: FrameType) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a function that has only begun, as it was called with them."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    end = code.co_argcount + code.co_kwonlyargcount
    args = [values[name] for name in names[: code.co_argcount]]
    kwargs = {name: values[name] for name in names[code.co_argcount : end]}
    if code.co_flags & CO_VARARGS:
        args += values[names[end]]
        end += 1
    if code.co_flags & CO_VARKEYWORDS:
        kwargs |= values[names[end]]
    return args, kwargs


def is_loops_own(caller: FrameType) -> bool:
    """Tell whether a loop makes a call for itself, and not as somebody's callback."""
    module = caller.f_globals.get("__name__")
    if module == "selectors" and caller.f_back is not None:
        return is_loops_own(caller.f_back)
    return _is_machinery(str(module)) and not _calls_back(caller)


def _calls_back(frame: FrameType) -> bool:
    """Tell whether a loop calls somebody's callback there."""
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _CALL_BACK


@lru_cache(maxsize=4096)
def _is_machinery(module: str) -> bool:
    return _MACHINERY.fullmatch(module) is not None


def _is_innocent(rule: BlockingCall, frames: Iterable[FrameType]) -> bool:
    """Tell whether a call is made by what may make it, or for the sake of a guarded call that was let pass."""
    is_nearest = True
    frame = None
    for frame in frames:
        name, module = frame.f_code.co_name, str(frame.f_globals.get("__name__"))
        if name == CLOSES_WHAT_IS_WRITTEN:
            continue
        if (module, name) in _TRYING or (is_nearest and _calls_back(frame)):
            return False
        if _INNOCENT.fullmatch(module) and not rule.target.startswith(f"{module}."):
            return True
        if any(type(each) is GuardedCall for each in frame.f_code.co_consts):
            return True
        if is_nearest and (_is_machinery(module) or (module, name) == _STARTING_A_THREAD):
            return True
        if is_async(frame):
            return False
        is_nearest = is_nearest and origin(frame.f_code.co_filename) == "stdlib"
    # Nothing but the standard library down from the loop: the loop's own doing, unless it calls the callable itself.
    return is_nearest and frame is not None
