"""Decorators that are called by their names, in a module and in a class."""

import time
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property, lru_cache


def _connect():
    time.sleep(0.001)
    yield 1


async def _opened():
    yield time.sleep


def _value(*_):
    time.sleep(0.001)


connect = contextmanager(_connect)
opened = asynccontextmanager(_opened)
cached = lru_cache(maxsize=None)(_value)


class Store:
    connect = staticmethod(contextmanager(_connect))
    value = property(_value)
    once = cached_property(_value)

    async def use(self):
        with self.connect():  # BLOCKS: time.sleep
            pass
        return self.value  # BLOCKS: time.sleep


async def main():
    with connect():  # BLOCKS: time.sleep
        pass
    async with opened() as wait:
        wait(0.001)  # BLOCKS: time.sleep
    cached()  # BLOCKS: time.sleep
    connect()
    await Store().use()
