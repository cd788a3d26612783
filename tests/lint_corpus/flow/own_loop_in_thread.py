"""A loop of its own in a thread is blocked just as well; what starts it, is not."""

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
