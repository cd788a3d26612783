"""An async method that overrides a sync one."""

import asyncio
import time


class Store:
    def load(self, name):
        time.sleep(0.001)
        return name

    async def aload(self, name):
        return await asyncio.to_thread(self.load, name)


class MemoryStore(Store):
    def __init__(self):
        self.names = {}

    def load(self, name):
        return self.names.get(name)


async def main():
    await Store().aload("a")
    MemoryStore().load("a")
    return await MemoryStore().aload("b")
