"""A loop that runs in a thread: its coroutine blocks that loop."""

import asyncio
import time


async def inner():
    time.sleep(0.001)  # BLOCKS: time.sleep


def run():
    asyncio.run(inner())


async def main():
    await asyncio.to_thread(run)
