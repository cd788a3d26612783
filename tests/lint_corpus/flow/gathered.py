"""Coroutines that are gathered, awaited with a timeout, or started as tasks: their own lines are reported."""

import asyncio
import time


async def quick():
    await asyncio.sleep(0)


async def slow(seconds):
    time.sleep(seconds)  # BLOCKS: time.sleep


async def main():
    task = asyncio.ensure_future(slow(0.001))
    await asyncio.gather(*[slow(0.001) for _ in range(2)], quick())
    await asyncio.wait_for(slow(0.001), timeout=3)
    await asyncio.wait([task, asyncio.create_task(quick())])
