"""Whether a blocking call that is about to run is a violation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ginger_async_safe._frames import is_async
from ginger_async_safe.detect import async_context
from ginger_async_safe.policy import enforce
from ginger_async_safe.violation import GuardedCall, origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["is_loops_own", "judge"]

_MACHINERY = re.compile(r"(asyncio|uvloop|trio|anyio|sniffio|outcome|nest_asyncio|asgiref|selectors)(\..*)?")
"""Event loops know what they do; and what they wait for, the loop waits for anyway."""

_STARTING_A_THREAD = ("threading", "start")

_INNOCENT = re.compile(
    r"(importlib|_frozen_importlib|_frozen_importlib_external|zipimport|linecache|traceback|warnings|tokenize|logging"
    r"|faulthandler|tracemalloc|_pytest|pluggy|ginger_async_safe)(\..*)?"
)
"""What reads files because of what the program is, not because of what it does."""


def judge(rule: BlockingCall, call: GuardedCall, arguments: dict[str, Any], caller: FrameType | None) -> None:
    """Decide on a call that a rule covers.

    Args:
        rule: The rule.
        call: What a violation says of it.
        arguments: The call's arguments by name, as :attr:`BlockingCall.blocks` wants them.
        caller: The frame that makes the call.

    Raises:
        SynchronousOnlyOperation: Where the call is a violation and the policy is to raise.
    """
    if caller is not None and is_loops_own(caller):
        return
    context = async_context()
    if context is None or _is_innocent(context.frames(caller)):
        return
    if rule.blocks is None or rule.blocks(arguments):
        enforce(call, caller)


def is_loops_own(caller: FrameType) -> bool:
    """Tell whether a loop makes a call for itself, and not as somebody's callback."""
    return caller.f_code.co_name != "_run" and _is_machinery(str(caller.f_globals.get("__name__")))


@lru_cache(maxsize=4096)
def _is_machinery(module: str) -> bool:
    return _MACHINERY.fullmatch(module) is not None


def _is_innocent(frames: Iterable[FrameType]) -> bool:
    """Tell whether a call is made by what may make it, or for the sake of a guarded call that was let pass."""
    is_nearest = True
    frame = None
    for frame in frames:
        module = str(frame.f_globals.get("__name__"))
        if _INNOCENT.fullmatch(module) or any(type(each) is GuardedCall for each in frame.f_code.co_consts):
            return True
        if is_nearest and (_is_machinery(module) or (module, frame.f_code.co_name) == _STARTING_A_THREAD):
            return True
        if is_async(frame):
            return False
        is_nearest = is_nearest and origin(frame.f_code.co_filename) == "stdlib"
    # Nothing but the standard library down from the loop: the loop's own doing, unless it calls the callable itself.
    return is_nearest and frame is not None
