"""Functions that are passed to threads."""

import asyncio
import functools
import time


def slow(seconds=0.001):
    time.sleep(seconds)
    return [1]


class Clock:
    def pause(self):
        time.sleep(0.001)


async def main():
    await asyncio.to_thread(slow)
    await asyncio.to_thread(slow, 0.001)
    await asyncio.to_thread(Clock().pause)
    await asyncio.to_thread(time.sleep, 0.001)
    await asyncio.to_thread(lambda: slow())
    await asyncio.to_thread(functools.partial(slow, 0.001))
    await asyncio.gather(asyncio.to_thread(slow), asyncio.to_thread(slow))
