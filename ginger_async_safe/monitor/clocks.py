"""How a thread spent its time: whether it computed, waited, or had no processor or no lock."""

from __future__ import annotations

import sys
import threading
import time
from typing import NamedTuple

from ginger_async_safe.monitor.system import time_in_queue

try:
    from resource import RUSAGE_THREAD, getrusage
except ImportError:  # only Linux has counters of single threads

    def _switches() -> int | None:
        return None

else:

    def _switches() -> int | None:
        return getrusage(RUSAGE_THREAD).ru_nvcsw


MOST_WAKES = 5  # of a thread that waits for the lock of Python code; a C call does not respond to its requests

__all__ = ["LockWait", "Moment", "Span", "ThreadClock"]


class Moment(NamedTuple):
    """The readings of a thread's clocks, in seconds.

    Attributes:
        wall: The time.
        cpu: For how long the thread has run on a processor; 0 if the operating system does not report it.
        process: For how long all threads of the process except the watch's have run.
        delayed: For how long it was ready to run and had no processor; 0 where that was not read.
        slices: How often it was given a processor; ``None`` where that was not read.
    """

    wall: float
    cpu: float
    process: float
    delayed: float = 0.0
    slices: int | None = None

    def since(self, earlier: Moment) -> Span:
        """Return what has passed since another moment of the same thread."""
        cpu = self.cpu - earlier.cpu
        others = self.process - earlier.process - cpu
        if self.slices is None or earlier.slices is None:
            return Span(self.wall - earlier.wall, cpu, others, 0.0, None)
        return Span(self.wall - earlier.wall, cpu, others, self.delayed - earlier.delayed, self.slices - earlier.slices)


class Span(NamedTuple):
    """What passed between two moments of a thread, in seconds; as in :class:`Moment`, but for ``others``.

    Attributes:
        wall: The time.
        cpu: For how long the thread ran.
        others: For how long the other threads of the process ran, all together, except the watch's.
        delayed: For how long it was ready to run and had no processor.
        slices: How often it was given a processor.
    """

    wall: float
    cpu: float
    others: float
    delayed: float
    slices: int | None

    def lacked_lock(self) -> bool:
        """Return whether other threads kept the thread from running: then its place is not what blocks the loop."""
        if self.cpu >= self.wall / 4 or self.others < self.wall / 2:
            return False
        return self.slices is None or _sought_lock(self.slices, self.wall)


def _sought_lock(wakes: int, seconds: float) -> bool:
    """Return whether a thread spent some time waiting for the interpreter lock.

    A thread that waits for it wakes at each switch interval, to request it again (``take_gil()`` in CPython's
    ``ceval_gil.c``). One that waits for anything else does not wake, nor does a stopped process.
    """
    return wakes * sys.getswitchinterval() >= seconds / 3


class ThreadClock:
    """The clocks of the thread that creates it; any thread may read them."""

    def __init__(self) -> None:
        self.thread: int = threading.get_native_id()
        """The native id of the thread."""
        # For a thread that has ended, this would crash: so it is called in the thread itself.
        getcpuclockid = getattr(time, "pthread_getcpuclockid", None)
        self._clock: int | None = None if getcpuclockid is None else getcpuclockid(threading.get_ident())

    def has_run(self, since: float) -> bool:
        """Return whether the thread has run, however briefly; true if the operating system does not report it.

        Args:
            since: The earlier :attr:`Moment.cpu`.
        """
        try:
            return self._clock is None or time.clock_gettime(self._clock) != since
        except OSError:  # the thread has ended
            return True

    def read(self, wall: float, process: float, last: Moment | None = None) -> Moment:
        """Read the clock that is quick to read, without releasing the interpreter lock.

        Args:
            wall: The time.
            process: For how long all threads of the process have run.
            last: A moment from which the other clocks are copied.
        """
        try:
            cpu = 0.0 if self._clock is None else time.clock_gettime(self._clock)
        except OSError:  # the thread has ended
            cpu = 0.0
        return Moment(wall, cpu, process) if last is None else Moment(wall, cpu, process, last.delayed, last.slices)

    def completed(self, moment: Moment) -> Moment:
        """Return a moment with current readings of the clocks that are slow to read."""
        statistics = time_in_queue(self.thread)
        return moment if statistics is None else moment._replace(delayed=statistics[0], slices=statistics[1])


class LockWait:
    """Whether the thread that creates it waits for the interpreter lock, from its start on. Only that thread may use it.

    Args:
        process: For how long all threads of the process had run when the thread was to start, in seconds.
    """

    own: float = 0.0
    """For how long this thread itself had run when it was last read, in seconds."""

    def __init__(self, process: float) -> None:
        self._thread = threading.get_native_id()
        self._wakes = None if _switches() is None else 0
        self._delayed = 0.0
        self.process: float = process
        """For how long all threads of the process except this one had run when it was last read, in seconds.

        This thread holds the interpreter lock while it searches a large heap. If that time counted, each search would make a
        blocked loop look as if other threads of the program had kept it from running.
        """
        self.ran: float = 0.0
        """For how long they ran between the last two readings, in seconds."""
        self.was_taken: bool = False
        """Whether another thread had the lock when this one woke; ``False`` if the system does not report it."""

    def begin(self) -> None:
        """Start a new measurement."""
        # A thread that sleeps or waits is switched voluntarily: getrusage(2).
        self._wakes = _switches()
        statistics = time_in_queue(self._thread)
        self._delayed = 0.0 if statistics is None else statistics[0]
        self.own = time.thread_time()
        process = time.process_time() - self.own
        self.ran = process - self.process
        self.process = process

    def of(self, late: float) -> float:
        """Return for how long the thread waited for the lock, where that is why it is late; 0 otherwise.

        Args:
            late: How late it is, in seconds.
        """
        wakes, delayed = self._wakes, self._delayed
        self.begin()
        self.was_taken = wakes is not None and self._wakes is not None and self._wakes - wakes > 1
        if wakes is None or self._wakes is None:
            return late if self.ran >= late / 2 else 0.0
        woken = self._wakes - wakes
        # On a busy machine each wake may itself be late.
        delayed = min(self._delayed - delayed, late)
        if woken < MOST_WAKES or not _sought_lock(woken, late - delayed):
            return 0.0
        return min(woken * sys.getswitchinterval() + delayed, late)
