"""Pools that are shut down: with waiting, without, and in a thread."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def whole():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(time.sleep, 0.001).result()


async def main():
    await asyncio.to_thread(whole)
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 0.001)
    pool.shutdown(wait=False)
    other = ThreadPoolExecutor(1)
    other.submit(time.sleep, 0.05)
    other.shutdown()  # BLOCKS: concurrent.futures.ThreadPoolExecutor.shutdown
