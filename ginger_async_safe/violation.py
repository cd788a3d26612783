"""One guarded call made in an async context: what, where, on whose behalf, and how to mend it.

The record is made from frames alone. No source file is read, and no argument is looked at: the
``repr`` of a user's object may hold secrets, and may itself query.
"""

from __future__ import annotations

import opcode
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from inspect import CO_GENERATOR
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ginger_async_safe._frames import is_async
from ginger_async_safe._notebooks import CELL, cell_name, down_from_cell, is_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.exceptions import SynchronousOnlyOperation

__all__ = ["BARE_MESSAGE", "GuardedCall", "Owner", "Place", "Violation", "origin", "record"]

BARE_MESSAGE = "You cannot call this from an async context - use a thread or sync_to_async."
"""What every violation says first, unless its owner gave a message of their own."""

_OURS = __file__.removesuffix("violation.py")
_STDLIB = os.__file__.removesuffix("os.py")
_SITE = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_LONGEST_PATH = 12
_ATTRIBUTE_KINDS = {"LOAD_ATTR": "get", "LOAD_METHOD": "get", "STORE_ATTR": "set", "DELETE_ATTR": "delete"}


class Owner(NamedTuple):
    """Who marked a call, where that is a framework with an error and mends of its own.

    Attributes:
        error: What a violation raises.
        mend: Called with the call and the frames below the async function, the innermost first; says what to write
            there, or ``None`` to leave that to this library.
        passes_on: Names of functions that only call another one by its name: no path shows them.
    """

    error: type[SynchronousOnlyOperation]
    mend: Callable[[GuardedCall, list[FrameType]], str | None]
    passes_on: frozenset[str] = frozenset()


class GuardedCall(NamedTuple):
    """A callable that must not run in an async context.

    Attributes:
        name: The qualified name: module, class and function, joined by dots.
        message: What a violation says first.
        use: The way to say it in async code, as its owner gave it, or ``None``.
        kind: What the callable is; the mend depends on it.
        owner: The framework that marked it, or ``None``.
    """

    name: str
    message: str = BARE_MESSAGE
    use: str | None = None
    kind: Literal["function", "generator", "get", "set", "delete"] = "function"
    owner: Owner | None = None


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


@dataclass(frozen=True)
class Violation:
    """The record of one guarded call made in an async context.

    Attributes:
        call: The qualified name of the guarded call.
        message: What is wrong, in one sentence.
        made_at: The innermost line of the user's own code; ``None`` where the loop itself made the
            call, as for a callback given to ``loop.call_soon``.
        awaited: The line of the async function, or of the notebook's cell, that led to the call; ``None`` in a
            callback.
        task: The name of the task, or ``None`` in a callback.
        library: ``"asyncio"`` or ``"trio"``.
        loop: The library, and the package that brings the loop where that is another one.
        path: The functions from the async function down to the call.
        mend: What to write instead.
    """

    call: str
    message: str
    made_at: Place | None
    awaited: Place | None
    task: str | None
    library: str
    loop: str
    path: tuple[str, ...]
    mend: str

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, below the message."""
        yield f"  call      {self.call}"
        yield f"  made at   {self.made_at or 'the event loop itself'}"
        who = f"a callback, {self.loop}" if self.task is None else f"task {self.task!r}, {self.loop}"
        yield f"  awaited   {self.awaited or 'by nobody'}   ({who})"
        yield f"  path      {' → '.join(self.path)}"
        yield f"  mend      {self.mend}"

    def __str__(self) -> str:
        return "\n".join((self.message, *self.lines()))

    def summary(self) -> str:
        """Return the report in one line, for logs and warnings."""
        place = self.made_at or "the event loop itself"
        return f"{self.call} was called in an async context at {place}; mend: {self.mend}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers, ready for JSON."""
        plain = asdict(self)
        plain["path"] = list(self.path)
        return plain


def record(call: GuardedCall, context: AsyncContext, caller: FrameType | None) -> Violation:
    """Build the record of a call.

    Args:
        call: The guarded call.
        context: The event loop that waits for it.
        caller: The frame that made the call.
    """
    frames = [each for each in context.frames(caller) if origin(each.f_code.co_filename) != "ours"]
    frames = down_from_cell(frames, _is_users)
    made_at, awaited = _blamed(call, frames)
    inner = frames if awaited is None else frames[: frames.index(awaited)]
    return Violation(
        call=call.name,
        message=call.message,
        made_at=_place(made_at),
        awaited=_place(awaited),
        task=context.task_name(),
        library=context.library.name,
        loop=context.loop_name(),
        path=_path(call, inner, awaited),
        mend=_mend(call, context, frames) + _or_allow_it(context, frames),
    )


def _blamed(call: GuardedCall, frames: list[FrameType]) -> tuple[FrameType | None, FrameType | None]:
    """Find the frame that made the call, and the async function that it was made for.

    Both are the innermost of the user's own code. The code of the library that owns the call is
    the user's own where the async function is in that library too: then they are its authors.
    """
    owner = call.name.partition(".")[0]

    def is_owners(frame: FrameType) -> bool:
        return str(frame.f_globals.get("__name__")).partition(".")[0] == owner

    async_frames = [each for each in frames if _can_await(each)]
    awaited = next(filter(_is_users, async_frames), next(iter(async_frames), None))
    nearest = frames if awaited is None else frames[: frames.index(awaited) + 1]
    outside = [each for each in nearest if not is_owners(each)]
    for candidates in (outside, nearest, [each for each in frames if not is_owners(each)], frames):
        made_at = next(filter(_is_users, candidates), None)
        if made_at is not None:
            return made_at, awaited
    return next((each for each in frames if not is_owners(each)), next(iter(frames), None)), awaited


def _path(call: GuardedCall, inner: list[FrameType], awaited: FrameType | None) -> tuple[str, ...]:
    """Name the functions down to the call; of other people's code, only where it is entered."""
    names = [] if awaited is None else [_label(awaited)]
    in_users = True
    hidden = frozenset() if call.owner is None else call.owner.passes_on
    for frame in reversed(inner):
        if frame.f_code.co_name in hidden:
            continue
        was_in_users, in_users = in_users, _is_users(frame)
        if (in_users or was_in_users) and names[-1:] != [label := _label(frame)]:
            names.append(label)
    if len(names) >= _LONGEST_PATH:
        names[_LONGEST_PATH // 2 : 1 - _LONGEST_PATH // 2] = ["…"]
    return (*names, call.name.rpartition(".")[2])


def _mend(call: GuardedCall, context: AsyncContext, frames: list[FrameType]) -> str:
    """Say what to write in the innermost async function, whoever's it is, on the loop that runs there."""
    if call.use is not None:
        return call.use
    inner = list(takewhile(lambda frame: not _can_await(frame), frames))
    caller = frames[len(inner)] if len(inner) < len(frames) else None
    if call.owner is not None and caller is not None and context.library.name == "asyncio":
        theirs = call.owner.mend(call, inner)
        if theirs is not None:
            return theirs
    kind: str | None = call.kind
    name = call.name.rpartition(".")[2]
    if inner:  # what the async function calls has to move to a thread, with all that is below it
        name = _label(inner[-1]).rpartition(".")[2]
        kind = _kind(name, inner[-1], caller)
    function, arguments = {
        "function": (name, "..."),
        "generator": (f"lambda: list({name}(...))", ""),
        "get": ("getattr", f'..., "{name}"'),
        "set": ("setattr", f'..., "{name}", ...'),
        "delete": ("delattr", f'..., "{name}"'),
        None: ("lambda: ...", ""),
    }[kind]
    if name.startswith("__") and function == name:
        function, arguments = "lambda: ...", ""
    separated = f", {arguments}" if arguments else ""
    if context.library.name == "trio":
        return f"await trio.to_thread.run_sync({function}{separated})"
    if caller is not None:
        return f"await sync_to_async({function})({arguments})"
    return f"loop.run_in_executor(None, {function}{separated})"


def _or_allow_it(context: AsyncContext, frames: list[FrameType]) -> str:
    """Name the extension where a cell makes the call itself: there, its author may choose to wait."""
    is_cells = context.task is not None and bool(frames) and is_cell(frames[-1])
    return "; or allow it in cells: %load_ext ginger_async_safe" if is_cells else ""


def _kind(name: str, frame: FrameType, caller: FrameType | None) -> str | None:
    """Tell what a function is to its caller, as :attr:`GuardedCall.kind` does.

    ``None`` is for what has no name to pass to a thread: a lambda, an operator, a ``with`` statement.
    """
    if not name.isidentifier() or name.startswith("__"):
        return None
    if frame.f_code.co_flags & CO_GENERATOR:
        return "generator"
    if caller is None:
        return "function"
    code, at = caller.f_code.co_code, caller.f_lasti
    while opcode.opname[code[at]] == "CACHE":  # part of the instruction before it
        at -= 2
    instruction = opcode.opname[code[at]]
    # CALL_INTRINSIC_1 is a statement that has Python itself call: a cell's last line is displayed by one.
    if instruction.startswith(("CALL", "PRECALL")) and not instruction.startswith("CALL_INTRINSIC"):
        return "function"
    # A property is known to its user by the name of the attribute, which may not be that of its function.
    return _ATTRIBUTE_KINDS.get(instruction) if name in caller.f_code.co_names else None


def _can_await(frame: FrameType) -> bool:
    """Tell whether ``await`` may be written there: in async functions, and in cells of notebooks."""
    return is_async(frame) or is_cell(frame)


def _is_users(frame: FrameType) -> bool:
    return origin(frame.f_code.co_filename) == "user"


def _place(frame: FrameType | None) -> Place | None:
    if frame is None:
        return None
    code = frame.f_code
    return Place(
        file=code.co_filename,
        line=frame.f_lineno or code.co_firstlineno,
        function=_label(frame),
        is_async=is_async(frame),
        module=str(frame.f_globals.get("__name__", "")),
        qualname=_qualname(frame),
    )


def _label(frame: FrameType) -> str:
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
