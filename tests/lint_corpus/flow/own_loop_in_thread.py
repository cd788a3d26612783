"""A loop that runs in a thread can be blocked like any other; the code that starts the thread is not reported."""

import asyncio
import time


async def inner():
    time.sleep(0.001)  # BLOCKS: time.sleep
    await asyncio.sleep(0)


async def harmless():
    await asyncio.sleep(0)


def whole():
    time.sleep(0.001)
    asyncio.run(inner())
    asyncio.run(harmless())


async def main():
    await asyncio.to_thread(whole)
