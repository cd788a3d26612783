"""Files, pipes and counters by their descriptors, and other direct system calls."""
# ruff: noqa: ASYNC221 - this blocks on purpose

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from corpus.helpers import soon, text_file
from corpus.scenario import blocks, cleanup, safe, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run

_os: Any = os  # newer Pythons have more than the types of the oldest one
_sys: Any = sys
_ATTRIBUTE = "user.corpus"


def _descriptor(flags: int = os.O_RDWR) -> int:
    descriptor = os.open(text_file(), flags)
    cleanup.callback(os.close, descriptor)
    return descriptor


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    cleanup.callback(os.close, reader)
    cleanup.callback(os.close, writer)
    return reader, writer


@blocks("os.readinto", since=(3, 14))
def readinto() -> Run:
    """Read from a descriptor into a buffer."""
    descriptor = _descriptor()

    async def run() -> None:
        _os.readinto(descriptor, bytearray(5))  # HERE

    return run


@blocks("os.readinto", since=(3, 14))
def readinto_from_pipe() -> Run:
    """Wait for a pipe to be written to."""
    reader, writer = _pipe()
    trigger = soon(lambda: os.write(writer, b"hello"))

    async def run() -> None:
        trigger()
        _os.readinto(reader, bytearray(5))  # HERE

    return run


@safe(since=(3, 14))
def readinto_without_waiting() -> Run:
    """Read from a pipe that does not block into a buffer."""
    reader, writer = _pipe()
    os.set_blocking(reader, False)
    os.write(writer, b"hello")

    async def run() -> None:
        assert _os.readinto(reader, bytearray(5)) == len("hello")

    return run


@blocks("os.statx", since=(3, 15))
def statx() -> Run:
    """Read some of a file's status."""
    path = text_file()

    async def run() -> None:
        _os.statx(path, _os.STATX_SIZE)  # HERE

    return run


@blocks("os.preadv")
def preadv() -> Run:
    """Read at an offset of a descriptor into buffers."""
    descriptor = _descriptor()

    async def run() -> None:
        os.preadv(descriptor, [bytearray(5)], 0)  # HERE

    return run


@blocks("os.pwritev")
def pwritev() -> Run:
    """Write buffers at an offset of a descriptor."""
    descriptor = _descriptor()

    async def run() -> None:
        os.pwritev(descriptor, [b"hello"], 0)  # HERE

    return run


@blocks("os.copy_file_range")
def copy_file_range() -> Run:
    """Copy a part of a file in the operating system."""
    source, target = _descriptor(), _descriptor()

    async def run() -> None:
        _os.copy_file_range(source, target, 1, 0, 3)  # HERE

    return run


@blocks("os.splice")
def splice() -> Run:
    """Move data from a pipe to a file in the operating system."""
    reader, writer = _pipe()
    os.write(writer, b"hello")
    target = _descriptor()

    async def run() -> None:
        _os.splice(reader, target, 5)  # HERE

    return run


@safe()
def splice_without_waiting() -> Run:
    """Move data from a pipe to another pipe, without waiting for either."""
    reader, writer = _pipe()
    os.write(writer, b"hello")
    _, target = _pipe()

    async def run() -> None:
        _os.splice(reader, target, 5, flags=_os.SPLICE_F_NONBLOCK)

    return run


@blocks("os.eventfd_read")
def eventfd_read() -> Run:
    """Wait until a thread adds to a counter of the operating system."""
    counter = _os.eventfd(0)
    cleanup.callback(os.close, counter)
    trigger = soon(lambda: _os.eventfd_write(counter, 1))

    async def run() -> None:
        trigger()
        _os.eventfd_read(counter)  # HERE

    return run


@safe()
def eventfd_that_has_something() -> Run:
    """Read a counter that is not zero, and one that does not block."""
    ready, quick = _os.eventfd(1), _os.eventfd(0, _os.EFD_NONBLOCK)
    cleanup.callback(os.close, ready)
    cleanup.callback(os.close, quick)

    async def run() -> None:
        assert _os.eventfd_read(ready) == 1
        with contextlib.suppress(BlockingIOError):
            _os.eventfd_read(quick)

    return run


@blocks("os.setxattr")
def setxattr() -> Run:
    """Set an extended attribute of a file."""
    path = text_file()

    async def run() -> None:
        _os.setxattr(path, _ATTRIBUTE, b"1")  # HERE

    return run


@blocks("os.listxattr")
def listxattr() -> Run:
    """List the extended attributes of a file."""
    path = text_file()

    async def run() -> None:
        _os.listxattr(path)  # HERE

    return run


@blocks("os.lockf")
def lockf() -> Run:
    """Lock a part of a file."""
    descriptor = _descriptor()

    async def run() -> None:
        os.lockf(descriptor, os.F_LOCK, 1)  # HERE

    return run


@safe()
def lockf_tried() -> Run:
    """Test whether a part of a file can be locked, lock it, and unlock it."""
    descriptor = _descriptor()

    async def run() -> None:
        os.lockf(descriptor, os.F_TEST, 1)
        os.lockf(descriptor, os.F_TLOCK, 1)
        os.lockf(descriptor, os.F_ULOCK, 1)

    return run


@blocks("os.posix_spawn")
def posix_spawn() -> Run:
    """Start a program, by its path."""

    async def run() -> None:
        cleanup.callback(os.waitpid, os.posix_spawn("/bin/true", ["true"], {}), 0)  # HERE

    return run


@blocks("os.posix_spawnp")
def posix_spawnp() -> Run:
    """Start a program, by its name."""

    async def run() -> None:
        cleanup.callback(os.waitpid, os.posix_spawnp("true", ["true"], dict(os.environ)), 0)  # HERE

    return run


@blocks("sys.remote_exec", since=(3, 14))
def remote_exec() -> Run:
    """Have another process run a script."""
    path = text_file("")

    async def run() -> None:
        _sys.remote_exec(os.getpid(), path)  # HERE

    return run


@blocks("sqlite3.Connection.blobopen", "sqlite3.blobopen", since=(3, 11))
def blobopen() -> Run:
    """Open a blob."""
    connection: Any = sqlite3.connect(workdir() / "database")
    cleanup.callback(connection.close)
    connection.execute("CREATE TABLE blobs (data BLOB)")
    row = connection.execute("INSERT INTO blobs VALUES (zeroblob(9))").lastrowid

    async def run() -> None:
        cleanup.callback(connection.blobopen("blobs", "data", row).close)  # HERE

    return run


@blocks("sqlite3.Connection.serialize", "sqlite3.serialize", since=(3, 11))
def serialize() -> Run:
    """Read all of a database into memory."""
    connection: Any = sqlite3.connect(workdir() / "database")
    cleanup.callback(connection.close)
    connection.execute("CREATE TABLE blobs (data BLOB)")
    connection.commit()

    async def run() -> None:
        connection.serialize()  # HERE

    return run
