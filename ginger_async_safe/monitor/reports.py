"""The record of a loop that did not turn, and how it reads for a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ginger_async_safe._places import blame, place, shown_frames
from ginger_async_safe.violation import GuardedCall, mend, shown_awaited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.violation import Place

__all__ = ["BlockedLoop", "describe"]

_NO_CALL = GuardedCall("")


@dataclass(frozen=True)
class BlockedLoop:
    """The record of one place at which an event loop did not turn for longer than the threshold.

    Attributes:
        seconds: How long the loop had not turned at least when the report was made, in seconds.
        doing: Whether the loop's thread was ``"computing"`` most of that time, or ``"waiting"``.
        holds_lock: Whether a C call held the interpreter lock meanwhile: then nothing could look before it ended, and
            the place is what was found then.
        stood_at: The innermost line of the user's own code; ``None`` where the loop itself was at work.
        awaited: The line of the async function that led there; ``None`` in a callback.
        task: The name of the task, or ``None`` in a callback.
        library: ``"asyncio"`` or ``"trio"``.
        loop: The library, and the package that brings the loop where that is another one.
        path: The functions from the async function down.
        mend: What to write instead.
        count: How often a loop was found to stand there.
        total: For how long altogether, in seconds.
        longest: For how long at most, in seconds.
    """

    seconds: float
    doing: Literal["computing", "waiting"]
    holds_lock: bool
    stood_at: Place | None
    awaited: Place | None
    task: str | None
    library: str
    loop: str
    path: tuple[str, ...]
    mend: str
    count: int
    total: float
    longest: float

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return f"The event loop did not turn for {self.seconds:.2f} s so far - use a thread or sync_to_async."

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, below the message."""
        yield f"  stood at  {self.stood_at or 'the event loop itself'}   ({self._doing()})"
        yield f"  awaited   {shown_awaited(self)}"
        yield f"  path      {' → '.join(self.path)}"
        yield f"  mend      {self.mend}"

    def __str__(self) -> str:
        return "\n".join((self.message, *self.lines()))

    def summary(self) -> str:
        """Return the report in one line, for logs."""
        where = self.stood_at or "the event loop itself"
        return f"the event loop did not turn for {self.seconds:.2f} s so far, {self._doing()} at {where}; mend: {self.mend}"

    def tally(self) -> str:
        """Return in one line how often a loop stood there, for logs."""
        where = self.stood_at or "the event loop itself"
        times = f"{self.count} times, {self.total:.2f} s altogether, {self.longest:.2f} s at most"
        return f"the event loop did not turn at {where}: {times}; reported once"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers, ready for JSON."""
        return {**asdict(self), "path": list(self.path)}

    def _doing(self) -> str:
        return f"{self.doing} in a C call that held the interpreter lock" if self.holds_lock else self.doing


def describe(context: AsyncContext, frames: list[FrameType]) -> BlockedLoop:
    """Build the record of a loop that may stand, without its times.

    Args:
        context: The loop, and its running task.
        frames: The frames that it waits for, the innermost first.
    """
    shown = shown_frames(frames)
    stood_at, awaited, path = blame(shown)
    return BlockedLoop(
        seconds=0.0,
        doing="waiting",
        holds_lock=False,
        stood_at=place(stood_at),
        awaited=place(awaited),
        task=context.task_name(),
        library=context.library.name,
        loop=context.loop_name(),
        path=path,
        mend=mend(_NO_CALL, context, shown),
        count=1,
        total=0.0,
        longest=0.0,
    )
