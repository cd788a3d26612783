"""A class that overrides all blocking methods of its base class."""

import time


class Base:
    def __init__(self):
        self.wait()

    def wait(self):
        time.sleep(0.001)

    @property
    def size(self):
        time.sleep(0.001)
        return 1

    @classmethod
    def make(cls):
        time.sleep(0.001)
        return cls()


class Calm(Base):
    def wait(self):
        return None

    @property
    def size(self):
        return 2

    @classmethod
    def make(cls):
        return cls()


async def main():
    calm = Calm.make()
    calm.size
    calm.wait()
