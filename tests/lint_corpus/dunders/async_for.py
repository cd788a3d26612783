"""A class with a sync and an async iterator, and one with an async iterator only."""

import time


class Rows:
    def __iter__(self):
        time.sleep(0.001)
        return iter([1])

    async def __aiter__(self):
        yield 1


class Counter:
    def __init__(self):
        self.left = 2

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.left -= 1
        if not self.left:
            raise StopAsyncIteration
        return self.left


async def main():
    async for row in Rows():
        row
    [row async for row in Rows()]
    async for row in Counter():
        row
    list(Rows())  # BLOCKS: time.sleep
