"""``super()`` reads a property of the base class, in one class and not in another."""

import time


class Base:
    @property
    def total(self):
        time.sleep(0.001)
        return 1


class Asking(Base):
    @property
    def total(self):
        return super().total + 1


class Calm(Base):
    @property
    def total(self):
        return 2

    def more(self):
        return self.total + 1


async def main():
    Calm().total
    Calm().more()
    Asking().total  # BLOCKS: time.sleep
