"""What a thread did with its time: whether it computed, waited, or was not let run."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import threading
import time
from typing import NamedTuple

try:
    from resource import RUSAGE_THREAD, getrusage
except ImportError:  # only Linux tells of single threads

    def _switches() -> int | None:
        return None

else:

    def _switches() -> int | None:
        return getrusage(RUSAGE_THREAD).ru_nvcsw


MOST_WAKES = 5  # of a thread that asks other code for the lock than a C call, which does not listen

__all__ = ["LockWait", "Moment", "Span", "ThreadClock"]


class Moment(NamedTuple):
    """What the clocks of a thread show, in seconds.

    Attributes:
        wall: The time.
        cpu: For how long the thread has run on a processor; 0 where the operating system does not tell.
        process: For how long all threads of the process have run.
        delayed: For how long the machine had no processor for it, though it was ready to run; 0 where not asked.
        slices: How often it was given a processor; ``None`` where not asked.
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
        others: For how long the other threads of the process ran, all together.
        delayed: For how long it was ready to run, and the machine did not let it.
        slices: How often it was given a processor.
    """

    wall: float
    cpu: float
    others: float
    delayed: float
    slices: int | None

    def lacked_lock(self) -> bool:
        """Tell whether other threads kept the thread from running: then the place where it is says nothing."""
        if self.cpu >= self.wall / 4 or self.others < self.wall / 2:
            return False
        return self.slices is None or _sought_lock(self.slices, self.wall)


def _sought_lock(wakes: int, seconds: float) -> bool:
    """Tell whether a thread spent some time waiting for the interpreter lock.

    A thread that waits for it wakes at each switch interval, to ask again (``take_gil()`` in CPython's
    ``ceval_gil.c``). One that waits for anything else sleeps through, and so does a stopped process.
    """
    return wakes * sys.getswitchinterval() >= seconds / 3


class ThreadClock:
    """The clocks of the thread that makes it; any thread may read them."""

    def __init__(self) -> None:
        # Linux, Documentation/scheduler/sched-stats.rst: time on the processor and in the run queue in nanoseconds,
        # and the number of time slices.
        self._file = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        self._state = self._file.replace("schedstat", "stat")
        # Asked for a thread that has ended, this would crash: so in the thread itself.
        getcpuclockid = getattr(time, "pthread_getcpuclockid", None)
        self._clock: int | None = None if getcpuclockid is None else getcpuclockid(threading.get_ident())

    def read(self, wall: float, process: float, last: Moment | None = None) -> Moment:
        """Read the clock that is read quickly, without giving up the interpreter lock.

        Args:
            wall: The time.
            process: For how long all threads of the process have run.
            last: A moment whose other clocks stand for those that are not read.
        """
        try:
            cpu = 0.0 if self._clock is None else time.clock_gettime(self._clock)
        except OSError:  # the thread has ended
            cpu = 0.0
        return Moment(wall, cpu, process) if last is None else Moment(wall, cpu, process, last.delayed, last.slices)

    def completed(self, moment: Moment) -> Moment:
        """Return a moment with the clocks that take long to read, as they are now."""
        try:
            _, delayed, slices = _read(self._file).split()
        except (OSError, ValueError):
            return moment
        return moment._replace(delayed=int(delayed) / 1e9, slices=int(slices))

    def is_ready(self) -> bool:
        """Tell whether the thread runs or would, if the machine let it; ``False`` where the system does not tell."""
        try:
            return _read(self._state).rpartition(b")")[2].split()[0] == b"R"  # proc(5)
        except (OSError, IndexError):
            return False


def _read(file: str) -> bytes:
    """Read one of the kernel's small files, and hold the interpreter lock all the while.

    Python's own calls give it up for each: a loop could then stand while the watch waits to have it back, and have gone
    on when it looks.

    Raises:
        OSError: Where the file cannot be read; a thread's are gone with the thread.
    """
    libc = _libc()
    opened = libc.open(os.fsencode(file), os.O_RDONLY | os.O_CLOEXEC)
    if opened < 0:
        raise OSError(ctypes.get_errno(), "open", file)
    try:
        text = ctypes.create_string_buffer(1000)
        return text.raw[: max(libc.read(opened, text, len(text)), 0)]
    finally:
        libc.close(opened)


@functools.cache
def _libc() -> ctypes.PyDLL:
    return ctypes.PyDLL(None, use_errno=True)


class LockWait:
    """Whether the thread that makes it waits for the interpreter lock. Only that thread may ask."""

    def __init__(self) -> None:
        self._wakes: int | None = None
        self.process: float = 0.0
        """For how long all threads of the process had run when it was last asked, in seconds."""
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        # A thread that sleeps or waits is switched voluntarily: getrusage(2).
        self._wakes = _switches()
        self.process = time.process_time()

    def of(self, late: float) -> float:
        """Return for how long the thread waited for the lock, where that is why it is late; 0 where it is not.

        Args:
            late: How late it is, in seconds.
        """
        wakes, process = self._wakes, self.process
        self.begin()
        if wakes is None or self._wakes is None:
            return late if self.process - process >= late / 2 else 0.0
        woken = self._wakes - wakes
        return min(woken * sys.getswitchinterval(), late) if woken >= MOST_WAKES and _sought_lock(woken, late) else 0.0
