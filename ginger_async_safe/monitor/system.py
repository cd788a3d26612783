"""What the operating system reports about threads, read without releasing the interpreter lock.

Python's own file functions release it for each file: a loop could then be blocked while the watch waits to have the lock
back, and have continued when the watch samples it.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
import time
from typing import Any

from ginger_async_safe._runtime.interpreter import module_if_allowed

__all__ = ["processor_time", "time_in_queue", "wants_to_run"]

_INTERPRETERS_OWN = 1 << 18  # bytes at the start of CPython's state, which contain what threads wait on for the lock


def processor_time(thread: int) -> float | None:
    """Return for how long a thread of this process has run, in seconds; ``None`` if unknown, or if it has ended.

    Args:
        thread: Its native id.
    """
    if sys.platform != "linux":
        return None
    try:
        # Linux, include/linux/posix-timers.h: make_thread_cpuclock(). For a thread that has ended,
        # pthread_getcpuclockid(3) would crash, while this raises an error.
        return time.clock_gettime((~thread << 3) | 6)
    except OSError:
        return None


def time_in_queue(thread: int) -> tuple[float, int] | None:
    """Return for how long a thread had no processor though it was ready, in seconds, and how often it was given one.

    Args:
        thread: Its native id.

    Returns:
        ``None`` if unknown, or if the thread has ended.
    """
    if sys.platform != "linux":
        return None
    try:
        # Linux, Documentation/scheduler/sched-stats.rst: time on the processor and in the run queue in nanoseconds,
        # and the number of time slices.
        _, delayed, slices = _read(f"/proc/self/task/{thread}/schedstat").split()
        return int(delayed) / 1e9, int(slices)
    except (OSError, ValueError):
        return None


def wants_to_run(thread: int) -> bool | None:
    """Return whether a thread runs, or waits for a processor or the interpreter lock; ``None`` if unknown.

    Args:
        thread: Its native id.
    """
    if sys.platform != "linux":
        return None
    folder = f"/proc/self/task/{thread}"
    try:
        if _read(f"{folder}/stat").rpartition(b")")[2].split()[0] == b"R":  # proc_pid_stat(5)
            return True
        # proc_pid_syscall(5): the number of the system call that the thread is in, and its arguments. In one that waits
        # for a lock, futex(2), the first is where the lock is.
        call = _read(f"{folder}/syscall").split()
        return call == [b"running"] or (len(call) > 1 and _is_interpreters(int(call[1], 16)))
    except (OSError, IndexError, ValueError):
        return None


def _is_interpreters(address: int) -> bool:
    """Return whether an address is in the interpreter's state: the lock is all there that threads wait for."""
    start = _start_of_interpreter()
    return start is not None and start <= address < start + _INTERPRETERS_OWN


@functools.cache
def _start_of_interpreter() -> int | None:
    ctypes, _ = _libc()
    if ctypes is None:
        return None
    try:
        return int(ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime")))
    except ValueError:  # another interpreter than CPython
        return None


def _read(file: str) -> bytes:
    """Read one of the kernel's small files.

    Raises:
        OSError: If the file cannot be read; a thread's files are gone with the thread.
    """
    ctypes, libc = _libc()
    if ctypes is None:
        raise OSError(errno.ENOSYS, "this interpreter may not load ctypes", file)
    opened = libc.open(os.fsencode(file), os.O_RDONLY | os.O_CLOEXEC)
    if opened < 0:
        raise OSError(ctypes.get_errno(), "open", file)
    try:
        text = ctypes.create_string_buffer(1000)
        length = libc.read(opened, text, len(text))
        return bytes(text.raw[: max(length, 0)])  # a copy, made after the read
    finally:
        libc.close(opened)


@functools.cache
def _libc() -> tuple[Any, Any]:
    """Return ctypes and the C library, or ``None`` for both where this interpreter may not load them."""
    ctypes = module_if_allowed("ctypes")
    return ctypes, None if ctypes is None else ctypes.PyDLL(None, use_errno=True)
