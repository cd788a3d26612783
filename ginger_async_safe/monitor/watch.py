"""Switching the watch on and off, and the thread that takes its samples."""

from __future__ import annotations

import atexit
import functools
import sys
import threading
import time
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.interpreter import is_main
from ginger_async_safe.detect import AsyncContext
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.monitor.bystanders import Bystanders
from ginger_async_safe.monitor.clocks import LockWait
from ginger_async_safe.monitor.loop_probe import LoopProbe
from ginger_async_safe.monitor.reports import describe_thread
from ginger_async_safe.monitor.rows import Rows
from ginger_async_safe.monitor.running import running_loops
from ginger_async_safe.policy import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, TracebackType

    from typing_extensions import Self

    from ginger_async_safe.monitor.reports import BlockedLoop
    from ginger_async_safe.monitor.running import RunningLoop

__all__ = ["LoopWatch", "watch_loops"]

SHORTEST_THRESHOLD = 0.01  # two switch intervals of the interpreter: below that, no other thread gets the lock in time
LOOKS_PER_THRESHOLD = 2
LOOKS_PER_OVERDUE = 10  # at most, while a loop is blocked by what is no fault of the program
COMPLETED_PER_LOOK = 50  # idle loops, whose clocks take about 10 microseconds each to read
STOP_TIMEOUT = 1.0  # seconds: a report that is being delivered may itself wait for the thread that stops the watch


def watch_loops(threshold: float = 0.1, *, report: Callable[[BlockedLoop], object] | None = None) -> LoopWatch:
    """Watch for blocked event loops from now on: the one that runs in this thread, and all that start later.

    A loop that is blocked for longer than the threshold is reported with the line that blocks it, while it is blocked,
    from the watch's own thread. Each place is reported once, then counted; a place that
    :class:`~ginger_async_safe.allow_async_unsafe` or the setting ``allow`` allows is only counted. Nothing is raised.

    Call it as a statement and end the watch with :meth:`LoopWatch.stop`; or use it in a ``with`` or ``async with``
    statement, whose end stops it.

    Args:
        threshold: How long a loop may be blocked, in seconds; 0.01 at least. The watch takes two samples in that time.
        report: Called with each :class:`BlockedLoop`, in the watch's thread, instead of a warning to the logger
            ``ginger_async_safe``.

    Returns:
        The watch, which is on.

    Raises:
        ConfigurationError: If the threshold is too short.
    """
    if not threshold >= SHORTEST_THRESHOLD:
        msg = f"threshold={threshold!r} is too short; {SHORTEST_THRESHOLD} seconds is the shortest that can be watched"
        raise ConfigurationError(msg)
    return LoopWatch(threshold, report)


class LoopWatch(AbstractContextManager["LoopWatch"]):
    """A watch that is on, until :meth:`stop`.

    Args:
        threshold: How long a loop may be blocked, in seconds.
        report: Called with each report, or ``None`` to log.
    """

    def __init__(self, threshold: float, report: Callable[[BlockedLoop], object] | None) -> None:
        self.threshold = threshold
        self._report = report
        self._rows = Rows()
        self._probes: dict[RunningLoop, LoopProbe] = {}
        self._bystanders = Bystanders()
        self._threads: tuple[tuple[RunningLoop, ...], ...] = ()
        self._ids: frozenset[int] = frozenset()
        self._looked = (0.0, 0.0)
        self._woken = (0.0, 0.0)
        self._is_on = True
        self._thread: threading.Thread | None = None
        self._stopping = _closed_lock()
        with suppress(ConfigurationError):  # the first violation reports it
            settings.current("allow")  # reads files now, and not while a loop is blocked
        running_loops.add(self)
        atexit.register(self.stop)

    @property
    def blocked(self) -> tuple[BlockedLoop, ...]:
        """The places where a loop was blocked, each as it was first reported, with count, total and longest time until now.

        Allowed ones are among them, and have :attr:`BlockedLoop.granted`.
        """
        return self._rows.reports()

    def stop(self) -> None:
        """Switch the watch off; without ``report``, log the counts. A second call does nothing."""
        with running_loops.lock:
            if not self._is_on:
                return
            self._is_on = False
            running_loops.remove(self)
            thread, self._thread = self._thread, None
        atexit.unregister(self.stop)
        self._stopping.release()
        if thread is not None and thread is not threading.current_thread():
            thread.join(STOP_TIMEOUT)  # async-safe: allow[threading.Thread.join] - it ends at once
        if self._report is None:
            for each in self.blocked:
                if each.count > 1 and each.granted is None:
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
        """Start the watch's own thread, if it does not run. Called when a loop starts, in the thread of that loop."""
        if self._thread is not None:
            return
        try:
            self._thread = threading.Thread(target=self._run, name="ginger_async_safe watch", daemon=True)
        except RuntimeError:  # daemon threads are refused, and another one would keep the interpreter from ending
            _warn_of_interpreter()
            return
        self._woken = (time.monotonic(), time.process_time())
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is about to exit, or an old subinterpreter that refuses all threads
            self._thread = None
            if not is_main():
                _warn_of_interpreter()

    def after_fork(self) -> None:
        """Reset in a child process: the watch's thread is gone, and is started again with the first loop."""
        self._rows = Rows()
        self._probes.clear()
        self._bystanders = Bystanders()
        self._thread = None
        self._stopping = _closed_lock()

    # -- In the watch's own thread.

    def _run(self) -> None:
        with containing("the watch of event loops", but="it has ended"):
            self._watch()

    def _watch(self) -> None:
        # A loop that blocks in its first step may hold the interpreter lock before this thread has it: so lateness
        # counts from the time at which this thread was started.
        due, process = self._woken
        lock_wait = LockWait(process)
        while not self._stopping.acquire(timeout=max(due - time.monotonic(), 0)):
            at, worked = time.monotonic(), time.thread_time()
            overslept = max(at - due, 0.0)
            late = overslept if overslept >= self.threshold / LOOKS_PER_THRESHOLD else 0.0
            if not late and self._still_rest():
                lock_wait.begin()
                self._looked = (at, lock_wait.process)
                self._bystanders.note(at, self._ids)
                due = at + self.threshold / LOOKS_PER_THRESHOLD
                continue
            # The frames come first: whatever releases the interpreter lock would let the loops continue.
            frames = sys._current_frames()
            del frames[threading.get_ident()]  # it holds the dictionary, and so would hold itself
            held = lock_wait.of(late)
            if not self._take_threads():
                return
            probes = self._look(frames, at, lock_wait, is_late=late > 0)
            # The process was stopped, if only for a moment: while this thread waits for the lock, other threads run.
            stopped = overslept if lock_wait.ran < overslept else 0.0
            reports = self._evaluate_probes(probes, held, late, stopped)
            if held >= self.threshold and not any(probe.held_lock for probe in probes):
                reports += self._held_by_others(frames, at, held, lock_wait.ran)
            frames.clear()  # they keep alive what their variables hold
            self._looked = (at, lock_wait.process)
            self._bystanders.note(at, self._ids)
            # The time that the watch itself took, to search a large heap for greenlets or to report, does not make the
            # next sample late; the time for which the machine was suspended does. For the same time again, the loops have
            # the interpreter lock: in an earlier sample, a thread would still wait for it after the search, and look as if
            # other threads had kept it waiting.
            took = time.thread_time() - worked
            if reports:
                delivering = time.monotonic()
                for each in reports:
                    self._deliver(each)
                took += time.monotonic() - delivering
                lock_wait.begin()
            due = max(self._next_look(at), at + 2 * took)
        self._end(list(self._probes))

    def _still_rest(self) -> bool:
        """Return whether all loops are idle, as in the last sample: then nothing else is to be done."""
        if running_loops.threads is not self._threads or not self._threads:
            return False
        return all(each.still_rests() for each in self._probes.values())

    def _take_threads(self) -> bool:
        """Update the loops that run now; where none does, end the thread, and return false."""
        threads = running_loops.threads
        if threads is not self._threads:
            self._threads = threads
            self._ids = frozenset(loops[0].thread for loops in threads)
            running = {each for loops in threads for each in loops}
            self._end([each for each in self._probes if each not in running])
        if threads:
            return True
        with running_loops.lock:
            if running_loops.threads:
                return True
            self._thread = None
            return False

    def _look(self, frames: dict[int, FrameType], at: float, lock_wait: LockWait, *, is_late: bool) -> list[LoopProbe]:
        """Sample every running loop, the innermost of each thread first; return the probes of those that are not idle."""
        looked_at = []
        completed = 0
        for loops in self._threads:
            frame = frames.get(loops[0].thread)
            probe = self._probes.get(loops[0])
            if probe is not None and len(loops) == 1:
                if probe.still_rests():
                    continue
                probe.rested_until(*self._looked)
                if probe.rests(frame, at, lock_wait.process):
                    completed += completed < COMPLETED_PER_LOOK and probe.complete(at)
                    continue
            is_explained = False
            for index, each in reversed(list(enumerate(loops))):
                probe = self._probes.get(each) or self._probes.setdefault(
                    each, LoopProbe(each, self.threshold, lock_wait.own)
                )
                # A guest waits where its host does (trio's guest mode), and a host does not where its guest does. An
                # inner loop at work explains why those around it are blocked, until it runs and they do not.
                is_idle = is_explained or frame is None or any(outer.waits(frame) for outer in loops[: index + 1])
                ended = probe.ended()
                if ended is not None:
                    self._rows.lengthen(*ended)
                is_at_work = probe.look(frame, at, lock_wait, is_idle=is_idle, is_late=is_late)
                is_explained = is_at_work or is_explained
                looked_at.append(probe)
        return looked_at

    def _evaluate_probes(self, probes: list[LoopProbe], held: float, late: float, stopped: float) -> list[BlockedLoop]:
        """Evaluate and count the samples, and return the reports of places that are new."""
        reports = []
        for probe in probes:
            with suppress(RuntimeError):  # the loop has ended
                found = probe.evaluate(held, late, stopped)
                if found is not None and self._rows.add(found):
                    reports.append(found)
        return reports

    def _held_by_others(self, frames: dict[int, FrameType], at: float, held: float, ran: float) -> list[BlockedLoop]:
        """Return the report of another thread's C call that blocked all loops, if its place is new."""
        holder = self._bystanders.holder(frames, at, held, ran, self._ids)
        if holder is None:
            return []
        loop = self._threads[0][-1]
        context = AsyncContext(loop.library, loop.loop, None)
        sketch = describe_thread(context, holder.frames, holder.name)
        report = sketch.finished(held, doing="computing", holds_lock=True, is_python=False)
        return [report] if self._rows.add(report) else []

    def _next_look(self, now: float) -> float:
        """Return when to take the next sample: twice in each threshold, and when a report is due."""
        regular = now + self.threshold / LOOKS_PER_THRESHOLD
        dues = [due for each in self._probes.values() if (due := each.due()) is not None]
        return max(min([regular, *dues]), now + self.threshold / LOOKS_PER_OVERDUE)

    def _end(self, loops: Iterable[RunningLoop]) -> None:
        """Remove loops that have ended."""
        now = time.monotonic()
        for each in loops:
            probe = self._probes.pop(each)
            ended = probe.ended() or probe.end(now)
            if ended is not None:
                self._rows.lengthen(*ended)

    def _deliver(self, report: BlockedLoop) -> None:
        try:
            if self._report is None:
                logger.warning("%s", report.summary(), extra={"blocked_loop": report})
            else:
                self._report(report)
        except Exception:  # noqa: BLE001 - whatever it raises, the watch continues
            logger.exception("delivering the report of a blocked loop failed: %s", report.summary())


@functools.cache
def _warn_of_interpreter() -> None:
    logger.warning(
        "event loops are not watched in this interpreter: it is a subinterpreter that refuses to start the thread of the watch; "
        "call watch_loops() in the main interpreter, for the loops that run there"
    )


def _closed_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock
