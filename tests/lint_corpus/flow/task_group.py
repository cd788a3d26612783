"""Tasks of a task group: the line in the coroutine is reported, not the one that creates the task."""
# NOT RUN: asyncio.TaskGroup is new in Python 3.11 (it is true on 3.12)

import asyncio
import time


async def quick():
    await asyncio.sleep(0)


async def slow():
    time.sleep(0.001)  # BLOCKS: time.sleep


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(quick())
        group.create_task(slow())
    await asyncio.wait_for(slow(), 3)
    await asyncio.gather(*[slow() for _ in range(2)], quick())
