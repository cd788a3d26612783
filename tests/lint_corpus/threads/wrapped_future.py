"""Futures of a pool that are wrapped for the loop, beside one that is waited for."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(2)


async def main():
    future = POOL.submit(time.sleep, 0.05)
    await asyncio.wrap_future(future)
    other = POOL.submit(time.sleep, 0.05)
    other.result()  # BLOCKS: concurrent.futures.Future.result
    third = POOL.submit(time.sleep, 0.05)
    third.add_done_callback(print)
    return await asyncio.wrap_future(third)
