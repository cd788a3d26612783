"""Conditions of rules for files: whether a call that reads, writes or locks would really wait, given its arguments.

Like all conditions (:mod:`ginger_async_safe.blocking.conditions`), they do not wait, and change nothing.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
from typing import Any

from ginger_async_safe.blocking.conditions import false_if_raised

_DOES_NOT_WAIT = 0
_WAITS_FOR_LOCK: frozenset[int] = frozenset()
with contextlib.suppress(ModuleNotFoundError):  # Windows has none, and no rule needs it there
    import fcntl

    _DOES_NOT_WAIT = fcntl.LOCK_NB | fcntl.LOCK_UN
    _WAITS_FOR_LOCK = frozenset({fcntl.F_SETLKW, getattr(fcntl, "F_OFD_SETLKW", fcntl.F_SETLKW)})

__all__ = [
    "command_waits",
    "descriptor_blocks",
    "descriptor_is_not_ready",
    "is_no_socket",
    "is_not_printed_to",
    "lock_of_file_waits",
    "lock_waits",
    "opens_path",
    "raw_file_waits",
    "sends_blocking",
    "splice_waits",
    "writing_waits",
]

_PRINTED_TO = frozenset({1, 2})


def is_not_printed_to(raw: Any, *_: object) -> bool:
    """Return whether a raw file is neither standard output nor standard error, which programs print to anywhere."""
    buffers = [getattr(stream, "buffer", None) for stream in (sys.stdout, sys.stderr)]
    streams = [*buffers, *(getattr(buffer, "raw", None) for buffer in buffers)]
    is_printed_to = raw.closed or raw.fileno() in _PRINTED_TO or any(raw is stream for stream in streams)
    return not is_printed_to and raw_file_waits(raw)


@false_if_raised(
    OSError, TypeError, ValueError, OverflowError
)  # for a number that is no open descriptor, and for other values
def descriptor_blocks(descriptor: int, *_: object, **__: object) -> bool:
    """Return whether a file descriptor is blocking."""
    return descriptor not in _PRINTED_TO and os.get_blocking(descriptor)


@false_if_raised(OSError, TypeError, ValueError, OverflowError)
def writing_waits(descriptor: int, data: Any = b"", *_: object) -> bool:
    """Return whether ``os.write`` waits: by POSIX, a writable pipe takes ``PIPE_BUF`` bytes at once."""
    if not descriptor_blocks(descriptor):
        return False
    size = memoryview(data).nbytes if type(data) in {bytes, bytearray, memoryview} else None
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode) or size is None or size > select.PIPE_BUF:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return not poll.poll(0)


def opens_path(file: Any = None, *_: object) -> bool:
    """Return whether a file is opened by its path, and not by an open descriptor."""
    return not isinstance(file, int)


@false_if_raised(OSError, ValueError)
def raw_file_waits(raw: Any, *_: object) -> bool:
    """Return whether a raw file waits: a non-blocking pipe does not; a file on a disk always does."""
    descriptor = raw.fileno()
    return os.get_blocking(descriptor) or stat.S_ISREG(os.fstat(descriptor).st_mode)


def command_waits(_file: object, command: int, *_: object) -> bool:
    """Return whether ``fcntl.fcntl`` waits for the lock of a file."""
    return command in _WAITS_FOR_LOCK


def lock_waits(_file: object, command: int, *_: object) -> bool:
    """Return whether ``fcntl.flock`` or ``fcntl.lockf`` waits for the lock of a file."""
    return not command & _DOES_NOT_WAIT


@false_if_raised(OSError, TypeError, ValueError, OverflowError)
def descriptor_is_not_ready(descriptor: int, *_: object, **__: object) -> bool:
    """Return whether a blocking file descriptor has nothing to read yet."""
    if not os.get_blocking(descriptor):
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


@false_if_raised(OSError, TypeError, ValueError, OverflowError)
def splice_waits(
    src: int, dst: int, _count: int, _offset_src: object = None, _offset_dst: object = None, flags: int = 0, **_: object
) -> bool:
    """Return whether ``os.splice`` waits until one descriptor can be read and the other one be written."""
    return not flags & os.SPLICE_F_NONBLOCK and (os.get_blocking(src) or os.get_blocking(dst))


def lock_of_file_waits(_descriptor: int, command: int, *_: object) -> bool:
    """Return whether ``os.lockf`` waits for the lock of a file, and does not only try to get it."""
    return command == os.F_LOCK


def is_no_socket(path: Any, *_: object, **__: object) -> bool:
    """Return whether a removed path is no socket: a loop's server removes the socket that it was bound to.

    A loop in C has no frame of its own, so that the call seems to be made by the code that closes the server.
    """
    try:
        return not stat.S_ISSOCK(os.lstat(path).st_mode)
    except (
        OSError,
        TypeError,
        ValueError,
    ):  # os.remove() raises the same, unless the path is relative to dir_fd
        return True


@false_if_raised(OSError, TypeError, ValueError, OverflowError)
def sends_blocking(to: int, *_: object, **__: object) -> bool:
    """Return whether ``os.sendfile`` waits for the descriptor that it writes to."""
    return os.get_blocking(to) or stat.S_ISREG(os.fstat(to).st_mode)
