"""Whether one loop turns: it is asked to call something, and has so long to do it.

A loop that waits for events is not asked: its thread's innermost frame shows that it waits, and nothing wakes it. So an
idle loop stays idle, and clocks that jump when nothing happens may jump.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe._frames import current_greenlet, is_async
from ginger_async_safe._notebooks import is_cell
from ginger_async_safe._onlookers import made_by_onlooker
from ginger_async_safe.monitor.reports import describe

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe.monitor.clocks import Moment, Span
    from ginger_async_safe.monitor.reports import BlockedLoop
    from ginger_async_safe.monitor.running import RunningLoop

__all__ = ["Pulse"]

LONGEST_DELAY = 0.1  # seconds: a machine at work lets each thread run again before
RECOMPLETED = 1.0  # seconds between two readings of every clock of a thread whose loop rests: it takes long


class _Beat:
    """One call that a loop was asked to make in its next turn.

    Args:
        loop: The loop.
        asked: When it was asked.
        since: From when on it is known not to have turned.
    """

    def __init__(self, loop: RunningLoop, asked: Moment, since: Moment) -> None:
        self._loop = loop
        self.asked = asked
        self.since = since
        self.held = 0.0
        self.lost = 0.0
        self.report: BlockedLoop | None = None
        self.is_parked = False
        self.turned: float | None = None

    def __call__(self) -> None:
        """Note that the loop turns. The loop calls this, so nothing may fail here, and nothing may take long."""
        self._loop.greenlet = current_greenlet()
        self.turned = time.monotonic()

    def begin_anew(self, now: Moment) -> None:
        """Count from now on: what was until now is no standing."""
        self.since = now
        self.held = 0.0

    def leave_out_delay(self, now: Moment) -> None:
        """Leave out for how long the machine did not let the thread run."""
        delayed = now.since(self.since).delayed
        self.since = self.since._replace(wall=self.since.wall + delayed, delayed=now.delayed)


class Pulse:
    """Feels whether a loop turns.

    Args:
        loop: The loop.
        threshold: How long it may stand, in seconds.
    """

    def __init__(self, loop: RunningLoop, threshold: float) -> None:
        self.loop = loop
        self._threshold = threshold
        self._earlier = self._last = loop.started
        self._seen = loop.started
        self._completed = loop.started.wall
        self._beat: _Beat | None = None
        self._has_turned = False
        self._is_idle = True
        self._sketch: BlockedLoop | None = None

    def due(self) -> float | None:
        """Return when the loop will have stood for too long, if it does not turn before; ``None`` while not asked."""
        beat = self._beat
        return None if beat is None or beat.report is not None or beat.is_parked else beat.since.wall + self._threshold

    def ended(self) -> tuple[BlockedLoop, float] | None:
        """Return the report of a loop that has turned again since, and for how long it stood, in seconds; once."""
        beat = self._beat
        if beat is None or beat.turned is None:
            return None
        self._has_turned = True
        return self.end(beat.turned)

    def end(self, at: float) -> tuple[BlockedLoop, float] | None:
        """Ask the loop no longer, and return as :meth:`ended` does."""
        beat, self._beat = self._beat, None
        if beat is None or beat.report is None:
            return None
        return beat.report, max(at - beat.since.wall - beat.lost, beat.report.seconds)

    def look(self, frame: FrameType | None, *, is_idle: bool, is_late: bool, at: float, process: float) -> bool:
        """Look where the loop is, and tell whether it is at work and is not known to turn.

        Nothing here gives up the interpreter lock: the loop would go on from where it is.

        Args:
            frame: The innermost frame of its thread; ``None`` where only code in C runs there.
            is_idle: Whether the loop waits for events there, or stands for a reason that is known.
            is_late: Whether the last look was longer ago than it should be.
            at: The time.
            process: For how long all threads of the process have run, in seconds.
        """
        self._seen = self.loop.clock.read(at, process, self._last)
        self._is_idle = is_idle
        self._sketch = None
        if frame is not None and not is_idle and self._may_stand(is_late=is_late):
            self._sketch = self._described(frame)
        is_turning = self._beat is None and self._has_turned
        return not (is_idle or is_turning or (self._beat is not None and self._beat.is_parked))

    def rests(self, frame: FrameType | None, at: float, process: float) -> bool:
        """Look whether the loop waits, as loops do most of the time, and has nothing to answer.

        Args:
            frame: The innermost frame of its thread; ``None`` where only code in C runs there.
            at: The time.
            process: For how long all threads of the process have run, in seconds.
        """
        if self._beat is not None or (frame is not None and not self.loop.waits(frame)):
            return False
        self._last = self.loop.clock.read(at, process, self._last)
        if at - self._completed > RECOMPLETED:
            self._last, self._completed = self.loop.clock.completed(self._last), at
        return True

    def judge(self, held: float, late: float) -> BlockedLoop | None:
        """Return a report where the loop has stood for too long; once, until it turns again.

        Args:
            held: For how long the watch waited for the interpreter lock, in seconds.
            late: How much longer ago the last look was than it should be, in seconds.

        Raises:
            RuntimeError: Where the loop has ended.
        """
        earlier, last, now = self._earlier, self._last, self.loop.clock.completed(self._seen)
        self._earlier, self._last, self._completed = last, now, now.wall
        has_slept = held > 0 and _has_slept(held, now.since(earlier))
        if not _is_by_call(held, late, now.since(last), has_slept=has_slept):
            held = 0.0
        # Otherwise nothing ran, the process was stopped, or the machine or other threads let this one not run.
        lost = 0.0 if held or has_slept else late
        beat = self._beat
        if beat is not None and beat.report is not None:
            beat.lost += lost
            return None
        if self._is_idle:
            if beat is not None:
                beat.asked = now
                beat.begin_anew(now)
            return None
        if beat is None:
            beat = self._beat = self._asked(last, now, held)
        elif lost:
            beat.begin_anew(now)
        else:
            beat.leave_out_delay(now)
        beat.held += held
        if not beat.is_parked:
            beat.report = self._found(beat, now)
        return beat.report

    def _asked(self, last: Moment, now: Moment, held: float) -> _Beat:
        """Ask the loop to call something. While nothing could look, it may have stood all the time."""
        beat = _Beat(self.loop, last, last._replace(wall=now.wall - held)) if held else _Beat(self.loop, now, now)
        self.loop.library.call_soon(self.loop.loop, beat)
        return beat

    def _found(self, beat: _Beat, now: Moment) -> BlockedLoop | None:
        """Return the report of a loop that has stood for too long, where it is somebody's fault."""
        span = now.since(beat.since)
        computed = now.cpu - beat.asked.cpu
        seconds = max(span.wall, computed)
        if seconds < self._threshold:
            return None
        if self._sketch is None:  # nobody is to be told
            beat.asked = now
            beat.begin_anew(now)
            return None
        lacked_lock = span.lacked_lock()
        if lacked_lock and computed < self._threshold:
            beat.begin_anew(now)
            return None
        holds_lock = beat.held >= seconds / 2
        is_computing = lacked_lock or computed >= (seconds - min(span.delayed, seconds)) / 4
        if not is_computing and not holds_lock and self.loop.clock.is_ready():
            return None  # it may be that the machine does not let it run, which is counted only when it does
        return replace(
            self._sketch,
            seconds=seconds,
            total=seconds,
            longest=seconds,
            doing="computing" if is_computing else "waiting",
            holds_lock=holds_lock,
        )

    def _may_stand(self, *, is_late: bool) -> bool:
        """Tell whether a report may be due, as far as the clocks tell that were read."""
        beat, seen = self._beat, self._seen
        if beat is None:
            return is_late
        if beat.report is not None or beat.is_parked:
            return False
        return is_late or max(seen.wall - beat.since.wall, seen.cpu - beat.asked.cpu) >= self._threshold

    def _described(self, frame: FrameType) -> BlockedLoop | None:
        """Return a report without its times, or ``None`` where nobody is to be told."""
        waiting = self.loop.waiting(frame)
        if waiting is None:
            if self._beat is not None:
                self._beat.is_parked = True  # as long as the loop is, nobody has to find out again
            return None
        context = self.loop.context()
        frames = list(context.frames(frame, waiting))
        return None if made_by_onlooker(frames) or _is_seen(frames) else describe(context, frames)


def _has_slept(held: float, span: Span) -> bool:
    """Tell whether a thread slept while others wanted the lock: it did not want it, nor the machine not let it run."""
    return max((span.slices or 0) * sys.getswitchinterval(), span.delayed) < held / 4


def _is_by_call(held: float, late: float, span: Span, *, has_slept: bool) -> bool:
    """Tell whether a call held the lock, and not a thread that the machine did not let run.

    Asked for the lock, other code than a call gives it up as soon as it runs, and a call that waits does not run.

    Args:
        held: For how long the watch waited for the lock, in seconds.
        late: For how long it did not look, in seconds.
        span: What passed since the last look.
        has_slept: Whether the thread slept.
    """
    if not held:
        return False
    # The watch itself may not have been let run, and not have asked for some of the time.
    unasked = span.wall - (late if held >= LONGEST_DELAY else held)
    if span.cpu - unasked >= max(2 * sys.getswitchinterval(), held / 10):
        return True
    return has_slept and span.others < held / 2


def _is_seen(frames: list[FrameType]) -> bool:
    """Tell whether a notebook's cell itself is what runs: its author waits for it, and sees that it runs."""
    nearest = next((each for each in frames if is_async(each) or is_cell(each)), None)
    return nearest is not None and is_cell(nearest)
