"""What is made once and kept, and was made when the module was imported."""

import functools
import os
import threading

_folder = None
_size = None
_is_ready = False
_lock = threading.Lock()


def folder():
    global _folder
    if _folder is None:
        os.stat("/tmp")
        _folder = "/tmp"
    return _folder


def size():
    global _size
    if not _size:
        with _lock:
            if not _size:
                _size = os.stat("/tmp")
    return _size


def prepare():
    global _is_ready
    if _is_ready:
        return
    os.stat("/tmp")
    _is_ready = True


@functools.cache
def names():
    return os.listdir("/tmp")


@functools.lru_cache(maxsize=1)
def first():
    return next(os.scandir("/tmp"), None)


class Shop:
    folder = folder()
    ready = [prepare(), len(names())]


def listed(found=first()):
    return found


with _lock:
    at_first = str(_folder)
size()


async def main():
    prepare()
    return folder(), size(), names(), first(), _folder is None and os.stat("/tmp")
