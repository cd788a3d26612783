"""The record of a blocked event loop, and its text."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ginger_async_safe.violation import (
    GuardedCall,
    blame,
    fix,
    fix_by_process,
    origin,
    place,
    shown_async_caller,
    shown_frames,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.violation import Place

__all__ = ["BlockedLoop", "Sketch", "describe", "describe_thread"]

_NO_CALL = GuardedCall("")


@dataclass(frozen=True)
class BlockedLoop:
    """The record of one place at which an event loop was blocked for longer than the threshold.

    Attributes:
        seconds: For how long at least the loop had been blocked when the report was made, in seconds.
        doing: Whether the thread was ``"computing"`` most of that time, or ``"waiting"``.
        holds_lock: Whether a C call held the interpreter lock meanwhile: then the watch could run only after the call,
            and the place is what it found then.
        blocked_at: The innermost line of the user's own code; ``None`` where the loop itself was at work, and where
            another thread has continued since, or its target is a function in C.
        async_caller: The line of the async function that called it; ``None`` in a callback, and in another thread.
        task: The name of the task, or ``None`` in a callback, and in another thread.
        library: The event loop library, as :func:`~ginger_async_safe.current_async_library` returns it.
        loop: The library, and the package that provides the loop where that is another one.
        path: The call chain, from the async function down.
        fix: What to write instead.
        count: How often a loop was found blocked there.
        total: For how long in all, in seconds.
        longest: For how long at most, in seconds.
        remedy: Whether the code belongs in a ``"thread"``, or in a ``"process"`` because it would hold the interpreter
            lock in a thread too.
        thread: The name of the other thread whose C call held the interpreter lock, which blocked every loop of the
            process; ``None`` where it was the loop's own.
        granted: The reason given where it is allowed, which may be empty; ``None`` otherwise.
    """

    seconds: float
    doing: Literal["computing", "waiting"]
    holds_lock: bool
    blocked_at: Place | None
    async_caller: Place | None
    task: str | None
    library: str
    loop: str
    path: tuple[str, ...]
    fix: str
    count: int
    total: float
    longest: float
    remedy: Literal["thread", "process"] = "thread"
    thread: str | None = None
    granted: str | None = None

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        instead = "use a thread or sync_to_async" if self.remedy == "thread" else "use a process"
        if self.thread is not None:
            return f"Every event loop was blocked for {self.seconds:.2f} s by thread {self.thread!r} - {instead}."
        return f"The event loop was blocked for {self.seconds:.2f} s so far - {instead}."

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, below the message."""
        yield f"  blocked at  {self._where()}   ({self._doing()})"
        if self.thread is None:
            yield f"  inside      {shown_async_caller(self)}"
        else:
            yield f"  thread      {self.thread}   (the loop's own, {self.loop}, waited for the lock)"
        yield f"  path        {' → '.join(self.path)}"
        if self.granted is None:
            yield f"  fix         {self.fix}"
        else:
            yield f"  granted     {self.granted or 'without a reason'}"

    def __str__(self) -> str:
        return "\n".join((self.message, *self.lines()))

    def summary(self) -> str:
        """Return the report in one line, for logs."""
        who = "the event loop was blocked" if self.thread is None else "every event loop was blocked"
        so_far = " so far" if self.thread is None else ""
        then = f"fix: {self.fix}" if self.granted is None else f"granted: {self.granted or 'without a reason'}"
        return f"{who} for {self.seconds:.2f} s{so_far}, {self._doing()} at {self._where()}; {then}"

    def tally(self) -> str:
        """Return in one line how often a loop was blocked there, for logs."""
        times = f"{self.count} times, {self.total:.2f} s in all, {self.longest:.2f} s at most"
        return f"the event loop was blocked at {self._where()}: {times}; reported once"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers, ready for JSON."""
        return {**asdict(self), "path": list(self.path)}

    def _where(self) -> str:
        if self.blocked_at is not None:
            return str(self.blocked_at)
        return "the event loop itself" if self.thread is None else "no line of your own code"

    def _doing(self) -> str:
        return f"{self.doing} in a C call that held the interpreter lock" if self.holds_lock else self.doing


class Sketch(NamedTuple):
    """The report of a loop that may be blocked, before its times are known.

    Attributes:
        report: The report without its times.
        in_process: The fix where a thread does not help.
    """

    report: BlockedLoop
    in_process: str

    def finished(
        self, seconds: float, *, doing: Literal["computing", "waiting"], holds_lock: bool, is_python: bool
    ) -> BlockedLoop:
        """Return the report.

        Args:
            seconds: For how long the loop has been blocked.
            doing: What its thread did.
            holds_lock: Whether a C call held the interpreter lock.
            is_python: Whether it was Python code that ran, and not one call into C.
        """
        remedy: Literal["thread", "process"] = "thread"
        text = self.report.fix
        if holds_lock:
            remedy, text = "process", self.in_process
        elif doing == "computing" and is_python and _threads_share_a_lock():
            # In a thread, it would release the lock at each switch interval (sys.setswitchinterval()).
            remedy = "process"
            text = f"{self.in_process}; in a thread it does not block the loop, but slows it down: {text}"
        return replace(
            self.report,
            seconds=seconds,
            total=seconds,
            longest=seconds,
            doing=doing,
            holds_lock=holds_lock,
            fix=text,
            remedy=remedy,
        )


def describe(context: AsyncContext, frames: list[FrameType], granted: str | None) -> Sketch:
    """Describe a loop that may be blocked.

    Args:
        context: The loop, and its running task.
        frames: The frames that it waits for, the innermost first.
        granted: Why it is allowed, if it is.
    """
    shown = shown_frames(frames)
    blocked_at, async_caller, path = blame(shown)
    report = BlockedLoop(
        seconds=0.0,
        doing="waiting",
        holds_lock=False,
        blocked_at=place(blocked_at),
        async_caller=place(async_caller),
        task=context.task_name(),
        library=context.library.name,
        loop=context.loop_name(),
        path=path,
        fix=fix(_NO_CALL, context, shown),
        count=1,
        total=0.0,
        longest=0.0,
        granted=granted,
    )
    return Sketch(report, fix(_NO_CALL, context, shown, in_process=True))


def describe_thread(context: AsyncContext, frames: list[FrameType], thread: str) -> Sketch:
    """Describe another thread, whose C call may hold the interpreter lock.

    Args:
        context: A loop that is blocked meanwhile.
        frames: The frames of that thread, the innermost first; none where it has continued since.
        thread: Its name.
    """
    shown = shown_frames(frames)
    # Outside of that is what runs the thread.
    outermost = max(
        (index for index, each in enumerate(shown, 1) if origin(each.f_code.co_filename) == "user"), default=0
    )
    blocked_at, _, path = blame(shown[:outermost])
    name = next((each.rpartition(".")[2] for each in path), "")
    text = fix_by_process(context.library, name if name.isidentifier() else "...", awaits=True)
    report = BlockedLoop(
        seconds=0.0,
        doing="computing",
        holds_lock=True,
        blocked_at=place(blocked_at),
        async_caller=None,
        task=None,
        library=context.library.name,
        loop=context.loop_name(),
        path=path,
        fix=text,
        count=1,
        total=0.0,
        longest=0.0,
        thread=thread,
    )
    return Sketch(report, text)


def _threads_share_a_lock() -> bool:
    """Return whether this interpreter runs one thread at a time, that is, is not free-threaded (PEP 703)."""
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)
    return is_gil_enabled is None or bool(is_gil_enabled())
