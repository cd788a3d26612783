"""Conditions of rules for files: whether a call that reads, writes or locks would really wait, given its arguments.

Like all conditions (:mod:`ginger_async_safe.blocking.conditions`), they do not wait, and change nothing.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import os
import select
import stat
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.clauses import (
    Argument,
    Clause,
    HasFlag,
    HasState,
    Immediate,
    IsConstant,
    IsOtherConstant,
    Satisfies,
    State,
)
from ginger_async_safe.blocking.conditions import false_if_raised
from ginger_async_safe.blocking.immediate import never_waits_if, waits_unless

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.blocking.calls import Condition

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


_INVALID = (OSError, TypeError, ValueError, OverflowError)
"""The errors for a number that is no open descriptor, and for other values."""


@false_if_raised(*_INVALID)
def _is_blocking(descriptor: Any) -> bool:
    return os.get_blocking(descriptor)


@false_if_raised(*_INVALID)
def _is_blocking_or_file(descriptor: Any) -> bool:
    return os.get_blocking(descriptor) or stat.S_ISREG(os.fstat(descriptor).st_mode)


@false_if_raised(*_INVALID)
def _is_blocking_and_not_printed_to(descriptor: Any) -> bool:
    return descriptor not in _PRINTED_TO and os.get_blocking(descriptor)


def _of_descriptor(read: Callable[[Any], bool], position: int = 0, name: str = "fd") -> Clause:
    """Return the clause that the descriptor which a call gets is blocking."""
    return Clause(Argument(position, name), HasState(State.BLOCKING, read))


descriptor_blocks: Condition = waits_unless(
    Immediate(unless=(_of_descriptor(_is_blocking_and_not_printed_to),)), is_method=False
)
"""Whether a file descriptor is blocking."""


@never_waits_if(Immediate(unless=(_of_descriptor(_is_blocking_and_not_printed_to),)), is_method=False)
@false_if_raised(*_INVALID)
def writing_waits(descriptor: int, data: Any = b"", *_: object) -> bool:
    """Return whether ``os.write`` waits: by POSIX, a writable pipe takes ``PIPE_BUF`` bytes at once."""
    size = memoryview(data).nbytes if type(data) in {bytes, bytearray, memoryview} else None
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode) or size is None or size > select.PIPE_BUF:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return not poll.poll(0)


_is_descriptor = Clause(Argument(0, "file"), Satisfies(lambda file: isinstance(file, int)))


opens_path: Condition = waits_unless(_is_descriptor, is_method=False)
"""Whether a file is opened by its path, and not by an open descriptor."""


@false_if_raised(OSError, ValueError)
def raw_file_waits(raw: Any, *_: object) -> bool:
    """Return whether a raw file waits: a non-blocking pipe does not; a file on a disk always does."""
    descriptor = raw.fileno()
    return os.get_blocking(descriptor) or stat.S_ISREG(os.fstat(descriptor).st_mode)


_waits_for_lock = Clause(Argument(1, "cmd"), IsConstant(("fcntl.F_SETLKW", "fcntl.F_OFD_SETLKW")))


command_waits: Condition = waits_unless(Immediate(unless=(_waits_for_lock,)), is_method=False)
"""Whether ``fcntl.fcntl`` waits for the lock of a file."""


lock_waits: Condition = waits_unless(
    Clause(Argument(1, "cmd"), HasFlag(("fcntl.LOCK_NB", "fcntl.LOCK_UN"))), is_method=False
)
"""Whether ``fcntl.flock`` or ``fcntl.lockf`` waits for the lock of a file."""


@never_waits_if(Immediate(unless=(_of_descriptor(_is_blocking),)), is_method=False)
@false_if_raised(*_INVALID)
def descriptor_is_not_ready(descriptor: int, *_: object, **__: object) -> bool:
    """Return whether a blocking file descriptor has nothing to read yet."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


@never_waits_if(
    Clause(Argument(5, "flags", 0), HasFlag(("os.SPLICE_F_NONBLOCK",))),
    Immediate(unless=(_of_descriptor(_is_blocking, 0, "src"), _of_descriptor(_is_blocking, 1, "dst"))),
    is_method=False,
)
@false_if_raised(*_INVALID)
def splice_waits(src: int, dst: int, *_: object, **__: object) -> bool:
    """Return whether ``os.splice`` waits until one descriptor can be read and the other one be written, if both are open."""
    return bool(os.fstat(src) and os.fstat(dst))


lock_of_file_waits: Condition = waits_unless(
    Clause(Argument(1, "command"), IsOtherConstant(("os.F_LOCK",))), is_method=False
)
"""Whether ``os.lockf`` waits for the lock of a file, and does not only try to get it."""


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


sends_blocking: Condition = waits_unless(
    Immediate(unless=(_of_descriptor(_is_blocking_or_file, name="out_fd"),)), is_method=False
)
"""Whether ``os.sendfile`` waits for the descriptor that it writes to."""
