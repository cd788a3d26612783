"""Switching the watch on and off, and the thread that it looks from."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.monitor.clocks import LockWait
from ginger_async_safe.monitor.pulse import Pulse
from ginger_async_safe.monitor.running import running_loops
from ginger_async_safe.policy import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from types import FrameType, TracebackType

    from typing_extensions import Self

    from ginger_async_safe.monitor.reports import BlockedLoop
    from ginger_async_safe.monitor.running import RunningLoop

__all__ = ["LoopWatch", "watch_loops"]

SHORTEST_THRESHOLD = 0.01  # two of the interpreter's switch intervals: below, threads cannot look at one another
LOOKS_PER_THRESHOLD = 2
LOOKS_PER_OVERDUE = 10  # as often at most, where a loop stands for no fault of the program's
LONGEST_GOODBYE = 1.0  # seconds: a report that is being made may itself wait for the thread that stops the watch


def watch_loops(threshold: float = 0.1, *, report: Callable[[BlockedLoop], object] | None = None) -> LoopWatch:
    """Watch for event loops that do not turn, from now on: the one that runs in this thread, and all that start later.

    A loop that does not turn for longer than the threshold is reported with the place where it stands, while it stands
    there, from a thread of the watch's own. One place is reported once, then counted. Nothing is raised.

    Use it as a statement, and :meth:`LoopWatch.stop` ends it; or with ``with`` or ``async with``, and the block's end
    does.

    Args:
        threshold: How long a loop may stand, in seconds; 0.01 at least. The watch looks twice in that time.
        report: Called with each :class:`BlockedLoop`, in the watch's thread, instead of a warning to the logger
            ``ginger_async_safe``.

    Returns:
        The watch, which is on.

    Raises:
        ConfigurationError: Where the threshold is too short.
    """
    if not threshold >= SHORTEST_THRESHOLD:
        msg = f"threshold={threshold!r} is too short; {SHORTEST_THRESHOLD} seconds is the shortest that can be watched"
        raise ConfigurationError(msg)
    return LoopWatch(threshold, report)


class LoopWatch(AbstractContextManager["LoopWatch"]):
    """A watch that is on, until :meth:`stop`.

    Args:
        threshold: How long a loop may stand, in seconds.
        report: Called with each report, or ``None`` to log.
    """

    def __init__(self, threshold: float, report: Callable[[BlockedLoop], object] | None) -> None:
        self.threshold = threshold
        self._report = report
        self._lock = threading.Lock()
        self._places: dict[Hashable, BlockedLoop] = {}
        self._pulses: dict[RunningLoop, Pulse] = {}
        self._is_on = True
        self._thread: threading.Thread | None = None
        self._goodbye = _closed_lock()
        running_loops.add(self)
        atexit.register(self.stop)

    @property
    def blocked(self) -> tuple[BlockedLoop, ...]:
        """The places where a loop stood, each as it was first reported, with count, total and longest time until now."""
        with self._lock:
            return tuple(self._places.values())

    def stop(self) -> None:
        """Switch the watch off; what is logged by default is followed by a count. A second time, it does nothing."""
        with running_loops.lock:
            if not self._is_on:
                return
            self._is_on = False
            running_loops.remove(self)
            thread, self._thread = self._thread, None
        atexit.unregister(self.stop)
        self._goodbye.release()
        if thread is not None and thread is not threading.current_thread():
            thread.join(LONGEST_GOODBYE)  # async-safe: allow[threading.Thread.join] - it ends when it is told to
        if self._report is None:
            for each in self.blocked:
                if each.count > 1:
                    logger.warning("%s", each.tally(), extra={"blocked_loop": each})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def wake(self) -> None:
        """Hear that a loop starts, in its thread: the watch's own thread is there while one runs."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ginger_async_safe watch", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # the interpreter is about to exit
                self._thread = None

    def after_fork(self) -> None:
        """Hear that this is a child process now: the thread is gone, and comes back with the first loop."""
        self._lock = threading.Lock()
        self._places.clear()
        self._pulses.clear()
        self._thread = None
        self._goodbye = _closed_lock()

    # -- In the watch's own thread.

    def _run(self) -> None:
        lock_wait = LockWait()
        due = time.monotonic()
        while not self._goodbye.acquire(timeout=max(due - time.monotonic(), 0)):
            # First of all the frames: whatever gives up the interpreter lock would let the loops go on.
            frames = sys._current_frames()
            del frames[threading.get_ident()]  # it holds the dictionary, and so would hold itself
            at = time.monotonic()
            late = at - due if at - due >= self.threshold / LOOKS_PER_THRESHOLD else 0.0
            held = lock_wait.of(late)
            threads = running_loops.threads
            if not late and self._all_rest(threads, frames, at, lock_wait.process):
                frames.clear()
                due = at + self.threshold / LOOKS_PER_THRESHOLD
                continue
            if not threads:
                with running_loops.lock:
                    if not running_loops.threads:
                        self._end(list(self._pulses))
                        self._thread = None
                        return
            pulses = self._look(threads, frames, at, lock_wait.process, is_late=late > 0)
            frames.clear()  # they keep alive what their variables hold
            reports = self._judge(pulses, held, late)
            for each in reports:
                self._tell(each)
            if reports:
                at = time.monotonic()
                lock_wait.begin()
            due = self._next_look(at)
        self._end(list(self._pulses))

    def _all_rest(
        self, threads: tuple[tuple[RunningLoop, ...], ...], frames: dict[int, FrameType], at: float, process: float
    ) -> bool:
        """Look whether every loop waits, one in each thread: then nothing else is to be done."""
        for first, *others in threads:
            pulse = self._pulses.get(first)
            if pulse is None or others or not pulse.rests(frames.get(first.thread), at, process):
                return False
        return len(threads) == len(self._pulses) > 0

    def _look(
        self,
        threads: tuple[tuple[RunningLoop, ...], ...],
        frames: dict[int, FrameType],
        at: float,
        process: float,
        *,
        is_late: bool,
    ) -> list[Pulse]:
        """Look at every loop that runs, the innermost of each thread first."""
        looked_at = []
        for loops in threads:
            frame = frames.pop(loops[0].thread, None)
            is_explained = False
            for index, each in reversed(list(enumerate(loops))):
                pulse = self._pulses.get(each) or self._pulses.setdefault(each, Pulse(each, self.threshold))
                # A guest waits where its host does (trio's guest mode), and a host does not where its guest does. What
                # an inner loop is at explains those around it, until it turns and they do not.
                is_idle = is_explained or frame is None or any(outer.waits(frame) for outer in loops[: index + 1])
                ended = pulse.ended()
                if ended is not None:
                    self._count(*ended)
                is_explained = (
                    pulse.look(frame, is_idle=is_idle, is_late=is_late, at=at, process=process) or is_explained
                )
                looked_at.append(pulse)
        return looked_at

    def _judge(self, pulses: list[Pulse], held: float, late: float) -> list[BlockedLoop]:
        """Count what loops do, and return the reports of places that are new."""
        looked_at = {pulse.loop for pulse in pulses}
        self._end([each for each in self._pulses if each not in looked_at])
        reports = []
        for pulse in pulses:
            with suppress(RuntimeError):  # the loop has ended
                found = pulse.judge(held, late)
                if found is not None and self._is_new(found):
                    reports.append(found)
        return reports

    def _next_look(self, now: float) -> float:
        """Return when to look again: twice in each threshold, and as soon as a loop has stood for too long."""
        regular = now + self.threshold / LOOKS_PER_THRESHOLD
        dues = [due for each in self._pulses.values() if (due := each.due()) is not None]
        return max(min([regular, *dues]), now + self.threshold / LOOKS_PER_OVERDUE)

    def _end(self, loops: Iterable[RunningLoop]) -> None:
        """Forget loops that have ended."""
        now = time.monotonic()
        for each in loops:
            pulse = self._pulses.pop(each)
            ended = pulse.ended() or pulse.end(now)
            if ended is not None:
                self._count(*ended)

    # -- Counting.

    def _is_new(self, report: BlockedLoop) -> bool:
        """Count a loop that stands, and tell whether it is the first at its place."""
        key = _key(report)
        with self._lock:
            known = self._places.get(key)
            if known is None:
                self._places[key] = report
            else:
                self._places[key] = replace(
                    known,
                    count=known.count + 1,
                    total=known.total + report.seconds,
                    longest=max(known.longest, report.seconds),
                )
        return known is None

    def _count(self, report: BlockedLoop, seconds: float) -> None:
        """Count the rest of the time for which a loop stood, now that it turns again."""
        key = _key(report)
        with self._lock:
            known = self._places[key]
            self._places[key] = replace(
                known, total=known.total + seconds - report.seconds, longest=max(known.longest, seconds)
            )

    def _tell(self, report: BlockedLoop) -> None:
        try:
            if self._report is None:
                logger.warning("%s", report.summary(), extra={"blocked_loop": report})
            else:
                self._report(report)
        except Exception:  # noqa: BLE001 - whatever it raises, the watch goes on
            logger.exception("the report of a loop failed: %s", report.summary())


def _closed_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


def _key(report: BlockedLoop) -> Hashable:
    """Return what is one place: a line that waits, or a function that computes, since that one has many lines."""
    place = report.stood_at
    if place is None:
        return report.loop
    return (place.file, place.line if report.doing == "waiting" else place.qualname)
