"""Waiting for a disk, which may be at the other end of a network."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import descriptor_blocks, is_no_socket, is_not_printed_to, sends_blocking

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
_WITH_A_FUNCTION = "await sync_to_async(function)(...), with all that opens, reads and writes in that function"
_OF_RAW_FILES = {
    "readinto": "file.read",
    "read": "file.read",
    "readall": "file.read",
    "write": "file.write",
    "truncate": "file.truncate",
}

FILES = (
    BlockingCall(
        "io.open",
        id="file.open",
        mend=_WITH_A_FUNCTION,
        category="files",
        reason="it waits for the file system",
        event="open",
    ),
    *(
        BlockingCall(
            f"_io.FileIO.{name}",
            id=rule,
            mend=_WITH_A_FUNCTION,
            category="files",
            reason="it waits for the file system; what buffers hold already is read without waiting",
            blocks=is_not_printed_to if name == "write" else None,
        )
        for name, rule in _OF_RAW_FILES.items()
    ),
    *(
        BlockingCall(
            f"_io.{kind}.close",
            id="file.write",
            mend=_WITH_A_FUNCTION,
            category="files",
            reason="it writes what its buffers hold to the file system",
            shape="close",
        )
        for kind in ("TextIOWrapper", "BufferedWriter", "BufferedRandom")
    ),
    *(
        BlockingCall(
            f"os.{name}",
            category="files",
            reason="it waits for the file system",
            event=_EVENTS.get(name, ""),
            blocks=is_no_socket if name in {"remove", "unlink"} else None,
        )
        for name in _OF_OS
    ),
    *(
        BlockingCall(f"os.{name}", category="files", reason="it waits for a file or pipe", blocks=descriptor_blocks)
        for name in ("pread", "pwrite", "read", "readv", "write", "writev")
    ),
    BlockingCall(
        "os.sendfile", category="files", reason="it waits for a file and for a pipe or socket", blocks=sends_blocking
    ),
    BlockingCall("os.scandir().__next__", id="os.scandir", category="files", reason="it waits for the file system"),
    BlockingCall("os.DirEntry.stat", id="os.stat", category="files", reason="it waits for the file system"),
    BlockingCall("mmap.mmap.flush", category="files", reason="it writes what was changed to the file system"),
    BlockingCall("fcntl.flock", category="files", reason="it waits for the lock of a file", event="fcntl.flock"),
    BlockingCall("fcntl.lockf", category="files", reason="it waits for the lock of a file", event="fcntl.lockf"),
    BlockingCall("builtins.input", category="files", reason="it waits for a person", event="builtins.input"),
)
