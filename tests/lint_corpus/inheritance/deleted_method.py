"""A class that removes a method of its base class."""

import time


class Base:
    def __iter__(self):
        time.sleep(0.001)
        return iter([])

    def load(self):
        time.sleep(0.001)


class Derived(Base):
    __iter__ = None
    load = None


async def main():
    derived = Derived()
    if derived.load is not None:
        derived.load()
    try:
        list(derived)
    except TypeError:
        pass
