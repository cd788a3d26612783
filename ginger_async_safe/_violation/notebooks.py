"""Notebooks: which frame runs a cell of IPython, and how IPython names that cell.

IPython is never imported here: in a program that has not imported it there are no cells.
"""

from __future__ import annotations

import sys
from inspect import CO_OPTIMIZED
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["CELL", "cell_name", "frames_below_cell", "is_cell", "shell_of"]

CELL = "<cell>"
"""The function name of a cell's own statements."""

_SHELL = "IPython.core.interactiveshell"
_FILES_OF_MAGICS = frozenset({"<magic-timeit>", "<timed eval>", "<timed exec>"})


def is_cell(frame: FrameType) -> bool:
    """Return whether a frame runs the statements of a cell itself, not of a function that the cell calls."""
    caller = frame.f_back
    return (
        caller is not None
        and caller.f_code.co_name == "run_code"
        and caller.f_globals.get("__name__") == _SHELL
        and not frame.f_code.co_flags & CO_OPTIMIZED  # which all functions have
    )


def shell_of(frame: FrameType) -> object | None:
    """Return the shell that runs a cell, given the cell's frame; ``None`` for any other frame."""
    caller = frame.f_back
    return caller.f_locals["self"] if caller is not None and is_cell(frame) else None


def frames_below_cell(frames: list[FrameType], is_users: Callable[[FrameType], bool]) -> list[FrameType]:
    """Return the frames of the innermost cell and below, without those of IPython itself.

    IPython has frames between a cell and the code of a magic command, or the ``repr`` of a displayed value. Without a
    cell, all frames are returned.

    Args:
        frames: The frames, the innermost first.
        is_users: Returns whether a frame runs the user's own code.
    """
    cell = next((index for index, each in enumerate(frames) if is_cell(each)), None)
    if cell is None:
        return frames
    entered = takewhile(lambda frame: _is_magics(frame) or not is_users(frame), reversed(frames[:cell]))
    left_out = max((count for count, each in enumerate(entered, 1) if _is_ipythons(each)), default=0)
    return [*frames[: cell - left_out], frames[cell]]


def cell_name(file: str) -> str | None:
    """Return the name of the cell with this file name as in IPython's tracebacks, such as ``Cell In[3]``, or ``None``."""
    shell = getattr(sys.modules.get(_SHELL), "InteractiveShell", None)  # None while IPython is partly imported
    if shell is None or not shell.initialized():
        return None
    label = shell.instance().compile.format_code_name(file)
    return None if label is None else " ".join(label)


def _is_ipythons(frame: FrameType) -> bool:
    return _is_magics(frame) or str(frame.f_globals.get("__name__")).partition(".")[0] == "IPython"


def _is_magics(frame: FrameType) -> bool:
    """Return whether a frame runs code that a magic command compiled from the cell's text."""
    return frame.f_code.co_filename in _FILES_OF_MAGICS
