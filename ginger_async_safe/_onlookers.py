"""Tools that look at a program while it runs: debuggers, coverage, pytest's explanations of a failed assertion.

They call what the program would not: the ``repr`` of an object at a breakpoint may query. Nobody's code is wrong then,
and the person who looks wants to see something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ginger_async_safe._frames import is_async

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

__all__ = ["made_by_onlooker"]

_ONLOOKERS = re.compile(
    r"(bdb|pdb|pydevd|_pydev_bundle|_pydevd_bundle|_pydevd_frame_eval|_pydevd_sys_monitoring|debugpy|coverage"
    r"|IPython\.core\.debugger|_pytest\.(_code|_io|assertion(?!\.rewrite)))(\..*)?"
)


def made_by_onlooker(frames: Iterable[FrameType]) -> bool:
    """Tell whether a tool makes a call, and not the program: one of its frames is below the innermost async function.

    Args:
        frames: The frame that makes the call, and its callers up to the loop.
    """
    for frame in frames:
        if is_async(frame):
            return False
        if _ONLOOKERS.fullmatch(str(frame.f_globals.get("__name__"))):
            return True
    return False
