"""Objects that may be empty, and so false: of classes that are derived from containers."""

import collections
import os


class Store(dict):
    async def backup(self):
        if not self:
            os.stat("/tmp")  # BLOCKS: os.stat


class Waiting(collections.deque):
    async def next(self):
        return self or os.stat("/tmp")  # BLOCKS: os.stat


class Plain:
    async def check(self):
        if not self:
            os.stat("/tmp")


async def main():
    await Store().backup()
    await Waiting().next()
    await Plain().check()
