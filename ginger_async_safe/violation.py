"""One guarded call made in an async context: what, where, on whose behalf, and how to mend it.

The record is made from frames alone. No source file is read, and no argument is looked at: the
``repr`` of a user's object may hold secrets, and may itself query.
"""

from __future__ import annotations

import opcode
from dataclasses import asdict, dataclass
from inspect import CO_GENERATOR
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from ginger_async_safe._notebooks import is_cell
from ginger_async_safe._places import Place, blame, can_await, label, origin, place, shown_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.exceptions import SynchronousOnlyOperation

__all__ = ["BARE_MESSAGE", "GuardedCall", "Owner", "Place", "Violation", "mend", "origin", "record", "shown_awaited"]

BARE_MESSAGE = "You cannot call this from an async context - use a thread or sync_to_async."
"""What every violation says first, unless its owner gave a message of their own."""

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
        more: Where there is more to read about it, or nothing.
    """

    name: str
    message: str = BARE_MESSAGE
    use: str | None = None
    kind: Literal["function", "generator", "get", "set", "delete"] = "function"
    owner: Owner | None = None
    more: str = ""


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
        more: Where there is more to read about the guarded call, or nothing.
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
    more: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, below the message."""
        yield f"  call      {self.call}"
        yield f"  made at   {self.made_at or 'the event loop itself'}"
        yield f"  awaited   {shown_awaited(self)}"
        yield f"  path      {' → '.join(self.path)}"
        yield f"  mend      {self.mend}"
        if self.more:
            yield f"  more      {self.more}"

    def __str__(self) -> str:
        return "\n".join((self.message, *self.lines()))

    def summary(self) -> str:
        """Return the report in one line, for logs and warnings."""
        where = self.made_at or "the event loop itself"
        return f"{self.call} was called in an async context at {where}; mend: {self.mend}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers, ready for JSON."""
        return {**asdict(self), "path": list(self.path)}


class _Awaited(Protocol):
    """A report that tells on whose behalf the loop waits."""

    @property
    def awaited(self) -> Place | None: ...
    @property
    def task(self) -> str | None: ...
    @property
    def loop(self) -> str: ...


def shown_awaited(report: _Awaited) -> str:
    """Say for a person which async function, task and loop a report is about."""
    who = "a callback" if report.task is None else f"task {report.task!r}"
    return f"{report.awaited or 'by nobody'}   ({who}, {report.loop})"


def record(call: GuardedCall, context: AsyncContext, caller: FrameType | None) -> Violation:
    """Build the record of a call.

    Args:
        call: The guarded call.
        context: The event loop that waits for it.
        caller: The frame that made the call.
    """
    frames = shown_frames(context.frames(caller))
    hidden = frozenset[str]() if call.owner is None else call.owner.passes_on
    made_at, awaited, path = blame(frames, owner=call.name.partition(".")[0], hidden=hidden)
    return Violation(
        call=call.name,
        message=call.message,
        made_at=place(made_at),
        awaited=place(awaited),
        task=context.task_name(),
        library=context.library.name,
        loop=context.loop_name(),
        path=(*path, call.name.rpartition(".")[2]),
        mend=mend(call, context, frames) + _or_allow_it(context, frames),
        more=call.more,
    )


def mend(call: GuardedCall, context: AsyncContext, frames: list[FrameType]) -> str:
    """Say what to write in the innermost async function, whoever's it is, on the loop that runs there.

    Args:
        call: The guarded call; of an empty name where there is none to write.
        context: The event loop that waits for it.
        frames: The frames that a report may name, the innermost first.
    """
    if call.use is not None:
        return call.use
    inner = list(takewhile(lambda frame: not can_await(frame), frames))
    caller = frames[len(inner)] if len(inner) < len(frames) else None
    if call.owner is not None and caller is not None and context.library.name == "asyncio":
        theirs = call.owner.mend(call, inner)
        if theirs is not None:
            return theirs
    kind: str | None = call.kind
    name = call.name.rpartition(".")[2]
    if inner:  # what the async function calls has to move to a thread, with all that is below it
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
