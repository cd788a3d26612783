"""What is made once and kept, but not at import: for other arguments, emptied again, or only in a script."""

import functools
import os

_folder = None
_size = None


def folder():
    global _folder
    if _folder is None:
        _folder = os.stat("/tmp")
    return _folder


def forget():
    global _folder
    _folder = None


def size():
    global _size
    if _size is None:
        _size = os.stat("/tmp")
    return _size


@functools.cache
def names(path="/tmp"):
    return os.listdir(path)


folder()
forget()
names()

if __name__ == "__main__":
    size()


async def main():
    folder()  # BLOCKS: os.stat
    size()  # BLOCKS: os.stat
    names("/")  # BLOCKS: os.listdir
