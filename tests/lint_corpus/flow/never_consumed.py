"""Generators, maps and coroutines that are created, but never run."""

import os
import time


def rows():
    time.sleep(1)
    yield 1


def files():
    return (os.stat(name) for name in ["/tmp"])


async def unused():
    time.sleep(1)
    yield 1


async def main():
    kept = [rows(), files(), map(time.sleep, [1]), unused()]
    later = (os.listdir(name) for name in ["/tmp"])
    iterator = iter(rows())
    chosen = filter(time.sleep, [1])
    return len(kept), later, iterator, chosen
