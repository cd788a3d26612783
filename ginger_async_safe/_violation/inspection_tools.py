"""Tools that inspect a running program: debuggers, coverage, pytest's explanations of a failed assertion.

They make calls that the program does not: at a breakpoint, the ``repr`` of an object may run a query. Such a call is not
a fault of the program, and stopping it would only hide the value from the developer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ginger_async_safe._runtime.frames import is_async

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

__all__ = ["made_by_inspection_tool"]

_INSPECTION_TOOLS = re.compile(
    r"(bdb|pdb|pydevd|_pydev_bundle|_pydevd_bundle|_pydevd_frame_eval|_pydevd_sys_monitoring|debugpy|coverage"
    r"|IPython\.core\.debugger|_pytest\.(_code|_io|assertion(?!\.rewrite)))(\..*)?"
)


def made_by_inspection_tool(frames: Iterable[FrameType]) -> bool:
    """Return whether an inspection tool makes a call: one of its frames is below the innermost async function.

    Args:
        frames: The frame that makes the call, and its callers up to the loop.
    """
    for frame in frames:
        if is_async(frame):
            return False
        if _INSPECTION_TOOLS.fullmatch(str(frame.f_globals.get("__name__"))):
            return True
    return False
