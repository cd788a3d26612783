"""Async iterators that await."""

import asyncio


class Ticker:
    def __init__(self, count):
        self.count = count

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.count == 0:
            raise StopAsyncIteration
        self.count -= 1
        await asyncio.sleep(0)
        return self.count


async def numbers():
    for number in range(2):
        await asyncio.sleep(0)
        yield number


async def main():
    async for tick in Ticker(2):
        print(tick)
    return [number async for number in numbers()], {number async for number in Ticker(1)}
