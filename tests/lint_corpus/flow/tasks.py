"""Tasks and groups of them."""

import asyncio
import time


async def slow():
    time.sleep(0.001)  # BLOCKS: time.sleep


async def quiet():
    return 1


async def main():
    await asyncio.create_task(slow())
    await asyncio.gather(slow(), quiet())
    await asyncio.wait_for(slow(), 1)
    await asyncio.ensure_future(quiet())
