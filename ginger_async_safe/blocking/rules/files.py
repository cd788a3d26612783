"""Waiting for a disk, which may be at the other end of a network."""

from __future__ import annotations

import sys

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import descriptor_blocks, is_not_printed_to

__all__ = ["FILES"]

_OF_OS = [
    "access",
    "chmod",
    "chown",
    "fdatasync",
    "fsync",
    "ftruncate",
    "lchown",
    "link",
    "listdir",
    "lstat",
    "mkdir",
    "mkfifo",
    "mknod",
    "posix_fallocate",
    "readlink",
    "remove",
    "rename",
    "replace",
    "rmdir",
    "scandir",
    "stat",
    "statvfs",
    "symlink",
    "sync",
    "truncate",
    "unlink",
    "utime",
]
_EVENTS = {
    name: f"os.{name}"
    for name in [
        "chmod",
        "chown",
        "link",
        "listdir",
        "mkdir",
        "remove",
        "rename",
        "rmdir",
        "scandir",
        "symlink",
        "truncate",
        "utime",
    ]
}
_OF_RAW_FILES = {"readinto": "file.read", "read": "file.read", "readall": "file.read", "write": "file.write"}

FILES = (
    BlockingCall("io.open", id="file.open", category="files", reason="it waits for the file system", event="open"),
    *(
        BlockingCall(
            f"_io.FileIO.{name}",
            id=rule,
            category="files",
            reason="it waits for the file system; what buffers hold already is read without waiting",
            blocks=is_not_printed_to if name == "write" else None,
        )
        for name, rule in _OF_RAW_FILES.items()
    ),
    *(
        BlockingCall(f"os.{name}", category="files", reason="it waits for the file system", event=_EVENTS.get(name, ""))
        for name in _OF_OS
    ),
    *(
        # pathlib of Python 3.10 has references of its own.
        BlockingCall(
            f"pathlib._NormalAccessor.{name}", id=f"os.{name}", category="files", reason="it waits for the file system"
        )
        for name in (_OF_OS if sys.version_info < (3, 11) else ())
        if not _EVENTS.get(name)
    ),
    *(
        BlockingCall(f"os.{name}", category="files", reason="it waits for a file or pipe", blocks=descriptor_blocks)
        for name in ("pread", "pwrite", "read", "readv", "write", "writev")
    ),
    BlockingCall("fcntl.flock", category="files", reason="it waits for the lock of a file", event="fcntl.flock"),
    BlockingCall("fcntl.lockf", category="files", reason="it waits for the lock of a file", event="fcntl.lockf"),
    BlockingCall("builtins.input", category="files", reason="it waits for a person", event="builtins.input"),
)
