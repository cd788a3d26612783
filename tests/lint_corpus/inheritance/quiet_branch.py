"""Two subclasses, of which one blocks and the other one is used."""

import time
from abc import ABC, abstractmethod


class Store(ABC):
    @abstractmethod
    def load(self):
        """Load it."""


class Files(Store):
    def load(self):
        time.sleep(0.001)


class Memory(Store):
    def load(self):
        return 1


async def main():
    store = Memory()
    store.load()
    Memory().load()
