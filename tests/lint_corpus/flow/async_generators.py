"""The body of an async generator runs on the loop."""

import time


async def rows():
    time.sleep(0.001)  # BLOCKS: time.sleep
    yield 1


class Rows:
    def __aiter__(self):
        return self

    async def __anext__(self):
        time.sleep(0.001)  # BLOCKS: time.sleep
        raise StopAsyncIteration


async def main():
    async for row in rows():
        print(row)
    async for row in Rows():
        print(row)
    [row async for row in rows()]
