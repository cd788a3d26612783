"""A protocol class that a blocking and a non-blocking class implement; the latter is passed."""

import time
from typing import Protocol


class Loads(Protocol):
    def load(self): ...


class Slow:
    def load(self):
        time.sleep(0.001)


class Quick:
    def load(self):
        return 1


def use(source: Loads):
    return source.load()


def never():
    return use(Slow())


async def main():
    use(Quick())
