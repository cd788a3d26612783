"""Implementations of abstract methods that async code does not run: in a thread, or overridden where it is called."""

import asyncio
import time
from abc import ABC, abstractmethod


class Store(ABC):
    @abstractmethod
    def load(self): ...

    async def load_async(self):
        return self.load()

    async def load_in_thread(self):
        return await asyncio.to_thread(self.load)


class FileStore(Store):
    def load(self):
        time.sleep(0.001)

    async def load_async(self):
        return await asyncio.to_thread(self.load)


class MemoryStore(Store):
    def load(self):
        return None


class Plain:
    def load(self):
        """Does nothing, which is not abstract: most instances are of this class."""


class SlowPlain(Plain):
    def load(self):
        time.sleep(0.001)


async def in_thread(store: Store):
    await asyncio.to_thread(store.load)
    await store.load_in_thread()
    await store.load_async()


async def plain(loader: Plain):
    loader.load()


async def main():
    make = globals()
    await in_thread(make["FileStore"]())
    await in_thread(make["MemoryStore"]())
    await plain(make["Plain"]())
