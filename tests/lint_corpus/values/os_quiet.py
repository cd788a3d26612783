"""Functions of the ``os`` module that do not access the disk."""

import os
import shutil
import sys


async def main():
    os.getpid(), os.cpu_count(), os.urandom(1), os.times()
    os.environ["HOME"], os.getenv("HOME")
    os.fsencode("a"), os.strerror(1), os.get_exec_path()
    os.path.basename("a/b"), os.path.isabs("a")
    one, other = os.pipe()
    os.set_blocking(one, False)
    os.close(one)
    os.close(other)
    shutil.get_archive_formats()
    sys.stdout.isatty
