"""A class that is only registered with an abstract base class inherits none of its methods."""

import time
from abc import ABC


class Loads(ABC):
    def load(self):
        time.sleep(0.001)


@Loads.register
class Quick:
    def load(self):
        return 1


async def main():
    quick = Quick()
    isinstance(quick, Loads)
    if isinstance(quick, Loads):
        quick.load()
