"""Places in code: how a report names one, and which ones it blames.

Frames are all that is looked at: no source file is read, and no variable.
"""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from ginger_async_safe._frames import is_async
from ginger_async_safe._notebooks import CELL, cell_name, down_from_cell, is_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import FrameType

__all__ = ["Blame", "Place", "blame", "can_await", "label", "origin", "place", "shown_frames"]

_OURS = __file__.removesuffix("_places.py")
_STDLIB = os.__file__.removesuffix("os.py")
_SITE = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_LONGEST_PATH = 12


@dataclass(frozen=True)
class Place:
    """A line of code.

    Attributes:
        file: The path as Python knows it.
        line: The line number, from 1.
        function: The function, with its class where it has one; ``<cell>`` for the statements of a notebook's cell.
        is_async: Whether that function is a coroutine function or an async generator function.
        module: The dotted name of the module; empty where the code has none.
        qualname: The function as Python itself names it: ``Cart.total.<locals>.inner``.
    """

    file: str
    line: int
    function: str
    is_async: bool
    module: str = ""
    qualname: str = ""

    def __str__(self) -> str:
        cell = cell_name(self.file)
        place = f"{cell or _shown_path(self.file)}:{self.line}"
        if cell is not None and self.function == CELL:
            return place
        kind = "async " if self.is_async else ""
        return f"{place} in {kind}{self.function}"


class Blame(NamedTuple):
    """Which frames a report names.

    Attributes:
        made_at: The innermost frame of the user's own code, or ``None`` where the loop itself is at work.
        awaited: The async function that it is for, or the notebook's cell; ``None`` in a callback.
        path: The functions from the async function down.
    """

    made_at: FrameType | None
    awaited: FrameType | None
    path: tuple[str, ...]


def shown_frames(frames: Iterable[FrameType]) -> list[FrameType]:
    """Return the frames that a report may name: none of this library's, nor of what runs a notebook's cell.

    Args:
        frames: The innermost first.
    """
    theirs = [each for each in frames if origin(each.f_code.co_filename) != "ours"]
    return down_from_cell(theirs, _is_users)


def blame(frames: list[FrameType], *, owner: str = "", hidden: Collection[str] = frozenset()) -> Blame:
    """Find the frame that did it, and the async function that it was done for.

    Both are the innermost of the user's own code. The code of the owner is the user's own where the async function
    is the owner's too: then they are its authors.

    Args:
        frames: As :func:`shown_frames` returns them.
        owner: The package that is called, whose own frames are not blamed.
        hidden: Names of functions that no path shows.
    """

    def is_owners(frame: FrameType) -> bool:
        return str(frame.f_globals.get("__name__")).partition(".")[0] == owner

    async_frames = [each for each in frames if can_await(each)]
    awaited = next(filter(_is_users, async_frames), next(iter(async_frames), None))
    at = None if awaited is None else frames.index(awaited)
    nearest = frames if at is None else frames[: at + 1]
    outside = [each for each in nearest if not is_owners(each)]
    made_at: FrameType | None
    for candidates in (outside, nearest, [each for each in frames if not is_owners(each)], frames):
        users = list(filter(_is_users, candidates))
        if users:
            # A line of a text that is executed says less than the line that executes it.
            made_at = next((each for each in users if not _is_nowhere(each)), users[0])
            break
    else:
        made_at = next((each for each in frames if not is_owners(each)), next(iter(frames), None))
    return Blame(made_at, awaited, _path(frames[:at], awaited, hidden))


def _path(inner: list[FrameType], awaited: FrameType | None, hidden: Collection[str]) -> tuple[str, ...]:
    """Name the functions that were called; of other people's code, only where it is entered."""
    names = [] if awaited is None else [label(awaited)]
    in_users = True
    for frame in reversed(inner):
        if frame.f_code.co_name in hidden:
            continue
        was_in_users, in_users = in_users, _is_users(frame)
        if (in_users or was_in_users) and names[-1:] != [name := label(frame)]:
            names.append(name)
    if len(names) >= _LONGEST_PATH:
        names[_LONGEST_PATH // 2 : 1 - _LONGEST_PATH // 2] = ["…"]
    return tuple(names)


def can_await(frame: FrameType) -> bool:
    """Tell whether ``await`` may be written there: in async functions, and in cells of notebooks."""
    return is_async(frame) or is_cell(frame)


def _is_nowhere(frame: FrameType) -> bool:
    """Tell whether code was compiled from a text that nobody can look at; shells and doctests keep theirs."""
    file = frame.f_code.co_filename
    if not file.startswith("<") or file in linecache.cache:
        return False
    is_program = frame.f_globals.get("__name__") == "__main__" and "__file__" not in frame.f_globals  # python -c
    return not is_program


def _is_users(frame: FrameType) -> bool:
    return origin(frame.f_code.co_filename) == "user"


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
    """Return a function's name with its class; Python 3.10 does not tell the class."""
    return _qualname(frame).rpartition("<locals>.")[2]


def _qualname(frame: FrameType) -> str:
    if is_cell(frame):
        return CELL
    code = frame.f_code
    qualified: str = getattr(code, "co_qualname", code.co_name)
    return qualified


@lru_cache(maxsize=4096)
def origin(file: str) -> Literal["ours", "stdlib", "site", "user"]:
    """Tell whose code a file holds."""
    if file.startswith((_OURS, "<ginger_async_safe")):
        return "ours"
    if any(directory in file for directory in _SITE):
        return "site"
    if file.startswith((_STDLIB, "<frozen ")):
        return "stdlib"
    return "user"


def _shown_path(file: str) -> str:
    """Return a path as a person at this working directory would write it."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the directory is gone
        return file
    return file.removeprefix(here)
