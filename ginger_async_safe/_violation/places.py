"""Places in code: how a report names one, and which ones it reports as the cause.

Only frames are read: no source file, and no variable.
"""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.frames import is_async
from ginger_async_safe._violation.notebooks import CELL, cell_name, frames_below_cell, is_cell
from ginger_async_safe._violation.owners import is_first_party, origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import FrameType

__all__ = ["Blame", "Place", "blame", "can_await", "label", "place", "shown_frames"]

_LONGEST_PATH = 12


@dataclass(frozen=True)
class Place:
    """A line of code.

    Attributes:
        file: The path, as in the code object.
        line: The line number, from 1.
        function: The function, with its class where it has one; ``<cell>`` for the statements of a notebook's cell.
        is_async: Whether that function is a coroutine function or an async generator function.
        module: The dotted name of the module; empty where the code has none.
        qualname: The function's ``__qualname__``: ``Cart.total.<locals>.inner``.
    """

    file: str
    line: int
    function: str
    is_async: bool
    module: str = ""
    qualname: str = ""

    def __str__(self) -> str:
        cell = None
        with containing("asking IPython how it names a cell", but="its file was named"):
            cell = cell_name(self.file)
        place = f"{cell or _shown_path(self.file)}:{self.line}"
        if cell is not None and self.function == CELL:
            return place
        kind = "async " if self.is_async else ""
        return f"{place} in {kind}{self.function}"


class Blame(NamedTuple):
    """The frames that a report names.

    Attributes:
        called_at: The innermost frame of the user's own code, or ``None`` where the loop itself makes the call.
        async_caller: The frame of the async function, or of the notebook's cell; ``None`` in a callback.
        path: The call chain: the names of the functions from the async function down.
    """

    called_at: FrameType | None
    async_caller: FrameType | None
    path: tuple[str, ...]


def shown_frames(frames: Iterable[FrameType]) -> list[FrameType]:
    """Return the frames that a report may name: without this library's, and without those that run a notebook's cell.

    Args:
        frames: The frames, the innermost first.
    """
    theirs = [each for each in frames if origin(each.f_code.co_filename) != "ours"]
    return frames_below_cell(theirs, is_first_party)


def blame(frames: list[FrameType], *, owner: str = "", hidden: Collection[str] = frozenset()) -> Blame:
    """Find the frame that caused a violation, and the async function above it.

    Both are the innermost ones of the user's own code. The owner's code counts as the user's own where the async
    function is the owner's too: then its authors read the report.

    Args:
        frames: As :func:`shown_frames` returns them.
        owner: The package of the guarded call; its frames are not reported as the cause.
        hidden: Names of functions that the call chain leaves out.
    """

    def is_owners(frame: FrameType) -> bool:
        return str(frame.f_globals.get("__name__")).partition(".")[0] == owner

    async_frames = [each for each in frames if can_await(each)]
    async_caller = next(filter(is_first_party, async_frames), next(iter(async_frames), None))
    at = None if async_caller is None else frames.index(async_caller)
    nearest = frames if at is None else frames[: at + 1]
    outside = [each for each in nearest if not is_owners(each)]
    called_at: FrameType | None
    for candidates in (outside, nearest, [each for each in frames if not is_owners(each)], frames):
        users = list(filter(is_first_party, candidates))
        if users:
            # A line of code without source, as of exec(), says less than the line that executes it.
            called_at = next((each for each in users if not _has_no_source(each)), users[0])
            break
    else:
        others = [each for each in frames if not is_owners(each)] or frames
        installed = (each for each in others if origin(each.f_code.co_filename) != "stdlib")
        called_at = next(installed, next(iter(others), None))
    return Blame(called_at, async_caller, _path(frames[:at], async_caller, hidden))


def _path(inner: list[FrameType], async_caller: FrameType | None, hidden: Collection[str]) -> tuple[str, ...]:
    """Return the names of the functions called; of code that is not first party, only the function that it enters."""
    names = [] if async_caller is None else [label(async_caller)]
    in_users = True
    for frame in reversed(inner):
        if frame.f_code.co_name in hidden:
            continue
        was_in_users, in_users = in_users, is_first_party(frame)
        if (in_users or was_in_users) and names[-1:] != [name := label(frame)]:
            names.append(name)
    if len(names) >= _LONGEST_PATH:
        names[_LONGEST_PATH // 2 : 1 - _LONGEST_PATH // 2] = ["…"]
    return tuple(names)


def can_await(frame: FrameType) -> bool:
    """Return whether a frame's code can use ``await``: in async functions, and in cells of notebooks."""
    return is_async(frame) or is_cell(frame)


def _has_no_source(frame: FrameType) -> bool:
    """Return whether code was compiled from a string whose text is not available; shells and doctests keep theirs."""
    file = frame.f_code.co_filename
    if not file.startswith("<") or file in linecache.cache:
        return False
    is_program = frame.f_globals.get("__name__") == "__main__" and "__file__" not in frame.f_globals  # python -c
    return not is_program


def place(frame: FrameType | None) -> Place | None:
    """Return the line that a frame is at."""
    if frame is None:
        return None
    code = frame.f_code
    return Place(
        file=code.co_filename,
        line=frame.f_lineno or code.co_firstlineno,
        function=label(frame),
        is_async=is_async(frame),
        module=str(frame.f_globals.get("__name__", "")),
        qualname=_qualname(frame),
    )


def label(frame: FrameType) -> str:
    """Return a function's name with its class; on Python 3.10, without."""
    return _qualname(frame).rpartition("<locals>.")[2]


def _qualname(frame: FrameType) -> str:
    if is_cell(frame):
        return CELL
    code = frame.f_code
    qualified: str = getattr(code, "co_qualname", code.co_name)
    return qualified


def _shown_path(file: str) -> str:
    """Return a path relative to the working directory where it is below that."""
    try:
        here = os.path.join(os.getcwd(), "")
    except Exception:  # noqa: BLE001 - the directory was deleted, or another tool forbids the call on a loop, as blockbuster does
        return file
    return file.removeprefix(here)
