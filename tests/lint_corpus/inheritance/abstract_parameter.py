"""A parameter of an abstract class is an instance of a class that is derived from it."""

import time
from abc import ABC, abstractmethod


class Store(ABC):
    @abstractmethod
    def load(self):
        """Load it."""

    @property
    @abstractmethod
    def size(self): ...

    def load_twice(self):
        self.load()
        return self.load()


class FileStore(Store):
    def load(self):
        time.sleep(0.001)

    @property
    def size(self):
        time.sleep(0.001)
        return 1


class NamedStore(FileStore):
    pass


class MemoryStore(Store):
    size = 0

    def load(self):
        return None


class Job:
    def run(self):
        raise NotImplementedError


class SlowJob(Job):
    def run(self):
        time.sleep(0.001)


class Holder:
    def __init__(self, store: Store):
        self.store = store

    async def use(self):
        self.store.load()  # BLOCKS: time.sleep


async def direct(store: Store):
    store.load()  # BLOCKS: time.sleep


async def read(store: Store):
    return store.size  # BLOCKS: time.sleep


async def through_base(store: Store):
    store.load_twice()  # BLOCKS: time.sleep


async def several(stores: list[Store]):
    for store in stores:
        store.load()  # BLOCKS: time.sleep


async def refusing(job: Job):
    job.run()  # BLOCKS: time.sleep


async def main():
    store = globals()["NamedStore"]()
    for function in (direct, read, through_base):
        await function(store)
    await several([store])
    await globals()["Holder"](store).use()
    await refusing(globals()["SlowJob"]())
