"""A plain attribute of the class hides a property of its base class."""

import time


class Base:
    @property
    def total(self):
        time.sleep(0.001)
        return 1

    @property
    def size(self):
        time.sleep(0.001)
        return 1


class Calm(Base):
    total = 2

    @property
    def size(self):
        return 3


async def main():
    Calm().total
    Calm().size
    Base().total  # BLOCKS: time.sleep
    Base.total
