"""Rules for files, descriptors and directories: a disk may be slow, or on a network."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions_files import (
    command_waits,
    descriptor_blocks,
    descriptor_is_not_ready,
    is_no_socket,
    is_not_printed_to,
    lock_of_file_waits,
    lock_waits,
    opens_path,
    raw_file_waits,
    sends_blocking,
    splice_waits,
    writing_waits,
)

__all__ = ["FILES"]

_OF_OS = [
    "access",
    "chmod",
    "chown",
    "fdatasync",
    "fsync",
    "ftruncate",
    "getxattr",
    "lchown",
    "link",
    "listdir",
    "listxattr",
    "lstat",
    "mkdir",
    "mkfifo",
    "mknod",
    "posix_fallocate",
    "readlink",
    "remove",
    "removexattr",
    "rename",
    "replace",
    "rmdir",
    "scandir",
    "setxattr",
    "stat",
    "statvfs",
    "statx",
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
        "getxattr",
        "link",
        "listdir",
        "listxattr",
        "mkdir",
        "remove",
        "removexattr",
        "rename",
        "rmdir",
        "scandir",
        "setxattr",
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
        fix=_WITH_A_FUNCTION,
        category="files",
        reason="it waits for the file system",
        event="open",
        blocks=opens_path,
    ),
    *(
        BlockingCall(
            f"_io.FileIO.{name}",
            id=rule,
            fix=_WITH_A_FUNCTION,
            category="files",
            reason="it waits for the file system; data that is in a buffer already is read without waiting",
            blocks=is_not_printed_to if name == "write" else raw_file_waits,
        )
        for name, rule in _OF_RAW_FILES.items()
    ),
    *(
        BlockingCall(
            f"_io.{kind}.close",
            id="file.write",
            fix=_WITH_A_FUNCTION,
            category="files",
            reason="it writes its buffers to the file system",
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
            is_optional=True,
        )
        for name in _OF_OS
    ),
    *(
        BlockingCall(
            f"os.{name}",
            category="files",
            reason="it waits for a file or pipe",
            blocks=writing_waits if name == "write" else descriptor_blocks,
            is_optional=True,
        )
        for name in ("pread", "preadv", "pwrite", "pwritev", "read", "readinto", "readv", "write", "writev")
    ),
    BlockingCall(
        "os.sendfile",
        category="files",
        reason="it waits for a file, and for a pipe or socket",
        blocks=sends_blocking,
        is_optional=True,
    ),
    BlockingCall(
        "os.copy_file_range",
        category="files",
        reason="it waits for the file system, to read and to write",
        is_optional=True,
    ),
    BlockingCall(
        "os.splice",
        category="files",
        reason="it waits for a pipe, and for the other file descriptor",
        blocks=splice_waits,
        is_optional=True,
    ),
    BlockingCall(
        "os.eventfd_read",
        category="files",
        reason="it waits until another thread or process adds to the counter",
        blocks=descriptor_is_not_ready,
        is_optional=True,
    ),
    BlockingCall(
        "os.lockf",
        category="files",
        reason="it waits for a file lock",
        event="os.lockf",
        blocks=lock_of_file_waits,
        is_optional=True,
    ),
    BlockingCall("os.scandir().__next__", id="os.scandir", category="files", reason="it waits for the file system"),
    BlockingCall("os.DirEntry.stat", id="os.stat", category="files", reason="it waits for the file system"),
    BlockingCall("mmap.mmap.flush", category="files", reason="it writes changed pages to the file system"),
    BlockingCall(
        "fcntl.flock",
        category="files",
        reason="it waits for a file lock",
        event="fcntl.flock",
        blocks=lock_waits,
    ),
    BlockingCall(
        "fcntl.lockf",
        category="files",
        reason="it waits for a file lock",
        event="fcntl.lockf",
        blocks=lock_waits,
    ),
    BlockingCall(
        "fcntl.fcntl",
        category="files",
        reason="with F_SETLKW it waits for a file lock",
        event="fcntl.fcntl",
        blocks=command_waits,
    ),
    BlockingCall("builtins.input", category="files", reason="it waits for input from the user", event="builtins.input"),
)
