"""System calls on files, by descriptor and by path."""

import os
import pathlib
import tempfile


def prepare():
    global path
    path = pathlib.Path(tempfile.mkdtemp()) / "file"
    path.write_text("hello")


async def main():
    descriptor = os.open(path, os.O_RDWR)  # BLOCKS: file.open
    os.preadv(descriptor, [bytearray(1)], 0)  # BLOCKS: os.preadv
    os.pwritev(descriptor, [b"a"], 0)  # BLOCKS: os.pwritev
    os.copy_file_range(descriptor, descriptor, 1, 0, 3)  # BLOCKS: os.copy_file_range
    os.lockf(descriptor, os.F_LOCK, 0)  # BLOCKS: os.lockf
    os.lockf(descriptor, os.F_TLOCK, 0)
    os.listxattr(path)  # BLOCKS: os.listxattr
    os.posix_spawn("/bin/true", ["true"], {})  # BLOCKS: os.posix_spawn
    os.close(descriptor)
