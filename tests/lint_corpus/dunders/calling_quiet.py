"""Instances and classes that are called, where only another class blocks."""

import time


class Slow:
    def __call__(self):
        time.sleep(0.001)


class Quick:
    def __call__(self):
        return 1


class Async:
    async def __call__(self):
        return 1


async def main():
    Slow()
    Quick()()
    await Async()()
    callable(Slow())
    made = Slow
    made()
