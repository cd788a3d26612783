"""The record of a guarded call made in an async context: which call, where, for which task, and how to fix it.

The record is built from frames alone. No source file and no argument is read: the ``repr`` of a user's object may
contain secrets, and may itself run a query.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from inspect import CO_GENERATOR
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from ginger_async_safe._runtime.frames import instruction_of
from ginger_async_safe._violation.inspection_tools import made_by_inspection_tool
from ginger_async_safe._violation.notebooks import is_cell, shell_of
from ginger_async_safe._violation.owners import (
    Owned,
    add_first_party,
    is_first_party,
    is_in_packages,
    names_of_module,
    origin,
    owned,
    with_version,
)
from ginger_async_safe._violation.places import Place, blame, can_await, label, place, shown_frames
from ginger_async_safe._violation.waiting import frames_that_wait, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from ginger_async_safe._violation.owners import Owner
    from ginger_async_safe.detect import AsyncContext, LoopLibrary

__all__ = [
    "BARE_MESSAGE",
    "Entry",
    "GuardedCall",
    "Marking",
    "Owned",
    "Place",
    "Violation",
    "add_first_party",
    "blame",
    "fix",
    "fix_by_process",
    "frames_that_wait",
    "is_cell",
    "is_first_party",
    "is_in_packages",
    "label",
    "made_by_inspection_tool",
    "names_of_module",
    "origin",
    "owned",
    "place",
    "record",
    "shell_of",
    "shown_async_caller",
    "shown_frames",
    "with_version",
]

BARE_MESSAGE = "You cannot call this from an async context - use a thread or sync_to_async."
"""The first sentence of every violation, unless the owner of the call gave another message."""

_ATTRIBUTE_KINDS = {"LOAD_ATTR": "get", "LOAD_METHOD": "get", "STORE_ATTR": "set", "DELETE_ATTR": "delete"}


class Entry(NamedTuple):
    """The function of a framework through which other code has made a guarded call.

    Attributes:
        frame: Its frame.
        name: Its qualified name, under which the call is reported.
    """

    frame: FrameType
    name: str


class Marking(NamedTuple):
    """The error and the fixes of a framework, for calls that the framework marked.

    Attributes:
        error: Called with the message and the record; returns the exception that a violation raises.
        fix: Called with the call and the frames below the async function, the innermost first; returns what to write
            in that function, or ``None`` for this library's own fix.
        passes_on: Names of functions that only dispatch to another function; paths leave them out.
        library: The event loop library that the fixes are for; on others, this library's own fix is reported.
        entry: Called with the frames that made a guarded call, the innermost first; returns the framework's function that
            other code called to get there, or ``None`` where it called the guarded function itself.
    """

    error: Callable[[str, Violation], Exception]
    fix: Callable[[GuardedCall, list[FrameType]], str | None]
    passes_on: frozenset[str] = frozenset()
    library: str = "asyncio"
    entry: Callable[[Iterable[FrameType]], Entry | None] = lambda _frames: None


class GuardedCall(NamedTuple):
    """A callable that must not run in an async context.

    Attributes:
        name: The qualified name: module, class and function, joined by dots.
        message: The first line of the error.
        fix: What to write in async code instead, as the owner gave it, or ``None`` to derive it from the call.
        kind: The kind of callable, on which the derived fix depends.
        marking: The error and fixes of the framework that marked it, or ``None``.
        more: Where to read more about it, such as a URL, or an empty string.
        is_marked: Whether its owner marked it; otherwise a rule covers it, which applies to the project's own code.
    """

    name: str
    message: str = BARE_MESSAGE
    fix: str | None = None
    kind: Literal["function", "generator", "get", "set", "delete"] = "function"
    marking: Marking | None = None
    more: str = ""
    is_marked: bool = True


@dataclass(frozen=True)
class Violation:
    """The record of one guarded call made in an async context.

    Attributes:
        call: The qualified name of the guarded call.
        message: What is wrong, in one sentence.
        called_at: The innermost line of the user's own code; ``None`` where the loop itself made the
            call, as for a callback given to ``loop.call_soon``.
        async_caller: The line in the async function, or in the notebook's cell, from which the call chain starts;
            ``None`` in a callback.
        task: The name of the task, or ``None`` in a callback.
        library: The event loop library, as :func:`~ginger_async_safe.current_async_library` returns it.
        loop: The library, and the package that provides the loop where it is another: ``"asyncio on uvloop"``.
        path: The call chain: the names of the functions from the async function down to the call.
        fix: What to write instead.
        more: Where to read more about the guarded call, such as a URL, or an empty string.
        waiting: What awaits the task, from the inside out: the functions that await it, then the name of their task
            in quotes, then what awaits that one. Empty where nothing does, and where it is not recorded: asyncio records
            it from Python 3.14 on.
        owner: ``"first party"``, where the project's own code makes the call; ``"third party"``, where a coroutine of an
            installed package does, which the project awaits; ``"server"``, where no project code is below the task or
            callback.
        package: The import name of the installed package that makes the call; empty where the project itself does.
    """

    call: str
    message: str
    called_at: Place | None
    async_caller: Place | None
    task: str | None
    library: str
    loop: str
    path: tuple[str, ...]
    fix: str
    more: str = ""
    waiting: tuple[str, ...] = ()
    owner: Owner = "first party"
    package: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, below the message."""
        yield f"  call      {self.call}"
        yield f"  at        {self.called_at or 'the event loop itself'}"
        yield f"  inside    {shown_async_caller(self, self.waiting)}"
        yield f"  path      {' → '.join(self.path)}"
        if self.package:
            yield f"  owner     {with_version(self.package)} ({self.owner})"
        yield f"  fix       {self.fix}"
        if self.more:
            yield f"  more      {self.more}"

    def __str__(self) -> str:
        return "\n".join((self.message, *self.lines()))

    def summary(self) -> str:
        """Return the report in one line, for logs and warnings."""
        where = self.called_at or "the event loop itself"
        by = f" by {with_version(self.package)}" if self.package else ""
        return f"{self.call} was called in an async context at {where}{by}; fix: {self.fix}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers, ready for JSON."""
        return {**asdict(self), "path": list(self.path), "waiting": list(self.waiting)}


class _ReportOfTask(Protocol):
    """A report about a task, or about a callback."""

    @property
    def async_caller(self) -> Place | None: ...
    @property
    def task(self) -> str | None: ...
    @property
    def loop(self) -> str: ...


def shown_async_caller(report: _ReportOfTask, waiting: tuple[str, ...] = ()) -> str:
    """Return the text of a report's line ``inside``: async function, task, what awaits the task, and loop."""
    if report.task is None:
        return f"{report.async_caller or 'no task'}   (event-loop callback, {report.loop})"
    waiters = " ← ".join((f"task {report.task!r}", *waiting))
    return f"{report.async_caller or 'no async function'}   ({waiters}, {report.loop})"


def record(call: GuardedCall, name: str, context: AsyncContext, frames: list[FrameType], whose: Owned) -> Violation:
    """Build the record of a call.

    Args:
        call: The guarded call.
        name: The qualified name to report it under.
        context: The event loop that waits for it.
        frames: The frames that a report may name, from the one that made the call outwards.
        whose: The owner of the violation.
    """
    hidden = frozenset[str]() if call.marking is None else call.marking.passes_on
    called_at, async_caller, path = blame(frames, owner=call.name.partition(".")[0], hidden=hidden)
    return Violation(
        call=name,
        message=call.message,
        called_at=place(called_at),
        async_caller=place(async_caller),
        task=context.task_name(),
        library=context.library.name,
        loop=context.loop_name(),
        path=(*path, call.name.rpartition(".")[2]),
        fix=_third_party_fix(call, whose) or fix(call, context, frames) + _cell_hint(context, frames),
        more=call.more,
        waiting=() if frames and is_cell(frames[-1]) else waiting(context),  # a cell is run by the kernel's own tasks
        owner=whose.owner,
        package=whose.package,
    )


def fix(call: GuardedCall, context: AsyncContext, frames: list[FrameType], *, in_process: bool = False) -> str:
    """Return what to write in the innermost async function, whoever owns it, for the loop that runs it.

    Args:
        call: The guarded call; its name is empty where the call has none.
        context: The event loop that waits for it.
        frames: The frames that a report may name, the innermost first.
        in_process: Whether the call belongs in another process, and not in a thread.
    """
    if call.fix is not None:
        return call.fix
    inner = list(takewhile(lambda frame: not can_await(frame), frames))
    caller = frames[len(inner)] if len(inner) < len(frames) else None
    if call.marking is not None and caller is not None and context.library.name == call.marking.library:
        theirs = call.marking.fix(call, inner)
        if theirs is not None:
            return theirs
    kind: str | None = call.kind
    name = call.name.rpartition(".")[2]
    if inner:  # the function that the async function calls moves to a thread as a whole
        name = label(inner[-1]).rpartition(".")[2]
        kind = _kind(name, inner[-1], caller)
    function, arguments = {
        "function": (name, "..."),
        "generator": (f"lambda: list({name}(...))", ""),
        "get": ("getattr", f'..., "{name}"'),
        "set": ("setattr", f'..., "{name}", ...'),
        "delete": ("delattr", f'..., "{name}"'),
        None: ("lambda: ...", ""),
    }[kind]
    if (not name or name.startswith("__")) and function == name:
        function, arguments = "lambda: ...", ""
    if in_process:
        return fix_by_process(context.library, "..." if "lambda" in function else function, awaits=caller is not None)
    return context.library.to_thread(function, arguments, awaits=caller is not None)


def _third_party_fix(call: GuardedCall, whose: Owned) -> str:
    """Return the fix for an unmarked blocking call of an installed package; an empty string for other calls."""
    if call.is_marked or whose.owner == "first party":
        return ""
    return (
        f"report to the developers of {whose.package} that it blocks the loop: no change of the calling code fixes that"
    )


def fix_by_process(library: LoopLibrary, function: str, *, awaits: bool) -> str:
    """Return how to call a function in another process.

    Args:
        library: The event loop library of the calling code.
        function: The name of the function.
        awaits: Whether the caller can use ``await``.
    """
    pool = "ProcessPoolExecutor()"
    if sys.version_info >= (3, 14):
        pool += ", or InterpreterPoolExecutor() for code that can run in one"
    return f"{library.to_process(function, '...', awaits=awaits)}, with process_pool = {pool}"


def _cell_hint(context: AsyncContext, frames: list[FrameType]) -> str:
    """Return a hint at the IPython extension where a notebook cell itself makes the call: blocking may be fine there."""
    is_cells = context.task is not None and bool(frames) and is_cell(frames[-1])
    return "; or allow it in cells: %load_ext ginger_async_safe" if is_cells else ""


def _kind(name: str, frame: FrameType, caller: FrameType | None) -> str | None:
    """Return how the caller uses a function, as :attr:`GuardedCall.kind` does.

    ``None`` means that there is no name to pass to a thread: a lambda, an operator, a ``with`` statement.
    """
    if not name.isidentifier() or name.startswith("__"):
        return None
    if frame.f_code.co_flags & CO_GENERATOR:
        return "generator"
    if caller is None:
        return "function"
    instruction = instruction_of(caller)
    # CALL_INTRINSIC_1 calls a function of the interpreter, such as the one that displays a cell's last expression.
    if instruction.startswith(("CALL", "PRECALL")) and not instruction.startswith("CALL_INTRINSIC"):
        return "function"
    # A property is accessed by the attribute's name, which may differ from its function's.
    return _ATTRIBUTE_KINDS.get(instruction) if name in caller.f_code.co_names else None
