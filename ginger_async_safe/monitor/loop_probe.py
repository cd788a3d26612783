"""Detecting that one loop is blocked: a call is scheduled on it, and must run within the threshold.

Nothing is scheduled on a loop that waits for events: its thread's innermost frame shows that it does, and nothing wakes
it. So an idle loop stays idle, and test clocks that advance when nothing happens may advance.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.frames import instruction_of, is_async
from ginger_async_safe._runtime.greenlets import current_greenlet
from ginger_async_safe.monitor.allowed import allowed_because
from ginger_async_safe.monitor.reports import describe
from ginger_async_safe.monitor.system import wants_to_run
from ginger_async_safe.violation import is_cell, made_by_inspection_tool

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe.monitor.clocks import LockWait, Moment, Span
    from ginger_async_safe.monitor.reports import BlockedLoop, Sketch
    from ginger_async_safe.monitor.running import RunningLoop

__all__ = ["LoopProbe"]

LONGEST_DELAY = 0.1  # seconds: a busy machine schedules each thread again within this time
PARKED_FOR = 10  # thresholds until a parked loop is examined again, which may take milliseconds
RECOMPLETED = 1.0  # seconds between two readings of all clocks of a thread whose loop is idle: reading them is slow


class Ping:
    """A call that is scheduled on a loop for its next iteration.

    Args:
        loop: The loop.
        sent: When the call was scheduled.
        since: The start of the time for which the loop has not run an iteration.
    """

    def __init__(self, loop: RunningLoop, sent: Moment, since: Moment) -> None:
        self._loop = loop
        self.sent: Moment = sent
        self.since: Moment = since
        self.held: float = 0.0
        self.lost: float = 0.0
        self.report: BlockedLoop | None = None
        self.parked_at: float | None = None
        self.answered_at: float | None = None

    def __call__(self) -> None:
        """Record that the loop runs. The loop calls this, so nothing may fail here, and nothing may take long."""
        with containing("finding the greenlet of a watched loop"):
            self._loop.greenlet = current_greenlet()
        self.answered_at = time.monotonic()

    @property
    def is_parked(self) -> bool:
        """Whether the loop was found parked: other greenlets of its thread run."""
        return self.parked_at is not None

    def restart(self, now: Moment) -> None:
        """Measure from now on: until now the loop was not blocked."""
        self.since = now
        self.held = 0.0

    def discount_delay(self, now: Moment, stopped: float) -> None:
        """Subtract the time in which the thread had no processor, or in which no thread ran at all."""
        discounted = now.since(self.since).delayed + stopped
        self.since = self.since._replace(wall=min(self.since.wall + discounted, now.wall), delayed=now.delayed)


class LoopProbe:
    """Detects that a loop is blocked.

    Args:
        loop: The loop.
        threshold: How long it may be blocked, in seconds.
        own: For how long the watch's own thread has run, in seconds.
    """

    def __init__(self, loop: RunningLoop, threshold: float, own: float) -> None:
        self.loop = loop
        self._threshold = threshold
        self._earlier = self._last = self._seen = loop.started._replace(process=loop.started.process - own)
        self._completed = loop.started.wall
        self._ping: Ping | None = None
        self._has_answered = False
        self._is_idle = True
        self._is_resting = False
        self._sketch: Sketch | None = None
        self._is_python = False
        self._is_complete = False
        self._wants_to_run: bool | None = None
        self.held_lock: bool = False
        """Whether a call in the loop's thread held the interpreter lock when the watch was last late."""

    def due(self) -> float | None:
        """Return when the loop will have been blocked for the threshold; ``None`` while no ping is pending."""
        ping = self._ping
        return None if ping is None or ping.report is not None or ping.is_parked else ping.since.wall + self._threshold

    def ended(self) -> tuple[BlockedLoop, float] | None:
        """Return the report of a loop that runs again, and for how long it was blocked, in seconds; once."""
        ping = self._ping
        if ping is None or ping.answered_at is None:
            return None
        self._has_answered = True
        return self.end(ping.answered_at)

    def end(self, at: float) -> tuple[BlockedLoop, float] | None:
        """Drop the pending ping, and return as :meth:`ended` does."""
        ping, self._ping = self._ping, None
        if ping is None or ping.report is None:
            return None
        return ping.report, max(at - ping.since.wall - ping.lost, ping.report.seconds)

    def look(self, frame: FrameType | None, at: float, lock: LockWait, *, is_idle: bool, is_late: bool) -> bool:
        """Sample where the loop is; return whether it is at work and is not known to run its iterations.

        Nothing here releases the interpreter lock: otherwise the loop would continue from where it is.

        Args:
            frame: The innermost frame of its thread; ``None`` where only code in C runs there.
            at: The time.
            lock: The waits of the watch's thread for the interpreter lock.
            is_idle: Whether the loop waits for events there, or is blocked for a reason that is reported elsewhere.
            is_late: Whether the last sample was taken longer ago than planned.
        """
        self._seen = self.loop.clock.read(at, lock.process, self._last)
        self._is_idle = is_idle
        self._is_resting = False
        self._sketch = None
        self._look_for_parked(at)
        self._is_python = lock.was_taken or (frame is not None and _is_between_calls(frame))
        self._is_complete = False
        if frame is not None and not is_idle and self._may_be_blocked(is_late=is_late):
            # Before the description, which may search the heap for greenlets: meanwhile the thread waits for the lock.
            self._seen, self._is_complete = self.loop.clock.completed(self._seen), True
            self._wants_to_run = wants_to_run(self.loop.clock.thread)
            with containing("describing where a loop is blocked", but="that was not reported"):
                self._sketch = self._described(frame)
        is_running = self._ping is None and self._has_answered
        return not (is_idle or is_running or (self._ping is not None and self._ping.is_parked))

    def still_rests(self) -> bool:
        """Return whether the loop was idle in the last sample, and its thread has not run since."""
        return self._is_resting and not self.loop.clock.has_run(self._last.cpu)

    def rested_until(self, at: float, process: float) -> None:
        """Set until when :meth:`still_rests` may have been true: the clocks of the thread did not change until then."""
        if self._is_resting:
            self._last = self._last._replace(wall=at, process=process)

    def rests(self, frame: FrameType | None, at: float, process: float) -> bool:
        """Return whether the loop waits for events, as loops do most of the time, and no ping is pending.

        Args:
            frame: The innermost frame of its thread; ``None`` where only code in C runs there.
            at: The time.
            process: For how long all threads of the process have run, in seconds.
        """
        self._is_resting = self._ping is None and (frame is None or self.loop.waits(frame))
        if self._is_resting:
            self._earlier = self._last
            self._last = self.loop.clock.read(at, process, self._last)
        return self._is_resting

    def complete(self, at: float) -> bool:
        """Read every clock of an idle loop, where that was not done for some time; return whether it was done now."""
        if at - self._completed <= RECOMPLETED:
            return False
        self._last, self._completed = self.loop.clock.completed(self._last), at
        return True

    def evaluate(self, held: float, late: float, stopped: float) -> BlockedLoop | None:
        """Return a report if the loop has been blocked for longer than the threshold; once, until it runs again.

        Args:
            held: For how long the watch waited for the interpreter lock, in seconds.
            late: By how much the last sample was later than planned, in seconds.
            stopped: For how long no thread ran since then, where that is too short to count as late, in seconds.

        Raises:
            RuntimeError: If the loop has ended.
        """
        earlier, last = self._earlier, self._last
        now = self._seen if self._is_complete else self.loop.clock.completed(self._seen)
        self._earlier, self._last, self._completed = last, now, now.wall
        has_slept = held > 0 and _has_slept(held, now.since(earlier))
        span = now.since(last)  # a loop may have begun while the watch waited for the lock
        is_by_call = _is_by_call(held, min(late, span.wall), span)
        if has_slept and not is_by_call and span.others < held / 2:
            # No thread ran. If this thread slept with the lock, it has just released it, and waits to have it back.
            is_by_call = wants_to_run(self.loop.clock.thread) is not False
        held = min(held, span.wall) if is_by_call else 0.0
        self.held_lock = held > 0
        # Otherwise no thread ran, the process was stopped, or this thread had no processor or no lock.
        lost = 0.0 if held or has_slept else late
        ping = self._ping
        if ping is not None and ping.report is not None:
            ping.lost += lost
            return None
        if self._is_idle:
            if ping is not None:
                ping.sent = now
                ping.restart(now)
            return None
        if ping is None:
            ping = self._ping = self._send_ping(last, now, held)
        elif lost:
            ping.restart(now)
        else:
            ping.discount_delay(now, stopped)
        ping.held += held
        if not ping.is_parked:
            ping.report = self._found(ping, now)
        return ping.report

    def _send_ping(self, last: Moment, now: Moment, held: float) -> Ping:
        """Schedule a ping. While no sample could be taken, the loop may have been blocked all the time."""
        ping = Ping(self.loop, last, last._replace(wall=now.wall - held)) if held else Ping(self.loop, now, now)
        self.loop.library.call_soon(self.loop.loop, ping)
        return ping

    def _found(self, ping: Ping, now: Moment) -> BlockedLoop | None:
        """Return the report of a loop that was blocked for the threshold, if code of its thread is the cause."""
        span = now.since(ping.since)
        computed = now.cpu - ping.sent.cpu
        seconds = max(span.wall, computed)
        if seconds < self._threshold:
            return None
        if self._sketch is None:  # nothing is to be reported
            ping.sent = now
            ping.restart(now)
            return None
        lacked_lock = span.lacked_lock()
        if lacked_lock and computed < self._threshold:
            ping.restart(now)
            return None
        holds_lock = ping.held >= seconds / 2
        is_computing = lacked_lock or computed >= (seconds - min(span.delayed, seconds)) / 4
        if not is_computing and not holds_lock and self._wants_to_run:
            ping.restart(now)  # it neither waits nor computes: it has no processor, or other threads have the lock
            return None
        return self._sketch.finished(
            seconds,
            doing="computing" if is_computing else "waiting",
            holds_lock=holds_lock,
            is_python=self._is_python,
        )

    def _look_for_parked(self, at: float) -> None:
        """Restart the measurement of a loop that was found parked some time ago: it may run again, and be blocked."""
        ping = self._ping
        if ping is not None and ping.parked_at is not None and at - ping.parked_at >= PARKED_FOR * self._threshold:
            ping.parked_at = None
            ping.sent = self._seen
            ping.restart(self._seen)

    def _may_be_blocked(self, *, is_late: bool) -> bool:
        """Return whether a report may be due, as far as the clocks that were read show it."""
        ping, seen = self._ping, self._seen
        if ping is None:
            return is_late
        if ping.report is not None or ping.is_parked:
            return False
        return is_late or max(seen.wall - ping.since.wall, seen.cpu - ping.sent.cpu) >= self._threshold

    def _described(self, frame: FrameType) -> Sketch | None:
        """Describe where the loop is; return ``None`` where nothing is to be reported."""
        if str(frame.f_globals.get("__name__")).startswith("ginger_async_safe.monitor."):
            return None  # a loop that starts or ends, and waits for the lock of the running loops
        waiting = self.loop.waiting(frame)
        if waiting is None:
            if self._ping is not None:
                self._ping.parked_at = self._seen.wall
            return None
        context = self.loop.context()
        frames = list(context.frames(frame, waiting))
        if made_by_inspection_tool(frames) or _is_cell_itself(frames):
            return None
        return describe(context, frames, allowed_because(context, frames, self.loop.grants()))


def _has_slept(held: float, span: Span) -> bool:
    """Return whether a thread slept while others waited for the lock: it waited neither for the lock nor for a processor."""
    return max((span.slices or 0) * sys.getswitchinterval(), span.delayed) < held / 4


def _is_by_call(held: float, late: float, span: Span) -> bool:
    """Return whether a call that computes held the lock, and not a thread that had no processor.

    When another thread requests the lock, Python code releases it as soon as it runs; a C call does not.

    Args:
        held: For how long the watch waited for the lock, in seconds.
        late: For how long it took no sample, in seconds.
        span: What passed since the last sample.
    """
    if not held:
        return False
    # The watch itself may have had no processor, and not have requested the lock for some of the time.
    unrequested = max(span.wall - (late if held >= LONGEST_DELAY else held), 0.0)
    return span.cpu - unrequested >= max(2 * sys.getswitchinterval(), held / 10)


def _is_between_calls(frame: FrameType) -> bool:
    """Return whether a frame is where Python code checks for lock requests of other threads: at its start, and at jumps."""
    instruction = instruction_of(frame)
    return instruction == "RESUME" or "JUMP" in instruction


def _is_cell_itself(frames: list[FrameType]) -> bool:
    """Return whether it is a notebook's cell itself that runs: its author waits for it, and sees that it does."""
    nearest = next((each for each in frames if is_async(each) or is_cell(each)), None)
    return nearest is not None and is_cell(nearest)
