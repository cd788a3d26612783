"""Executors of the loop, and executors of the program's own."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def slow(seconds):
    time.sleep(seconds)


async def main():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, slow, 0.001)
    pool = ThreadPoolExecutor(1)
    await loop.run_in_executor(pool, time.sleep, 0.001)
    await asyncio.wrap_future(pool.submit(slow, 0.001))
    pool.shutdown(wait=False)
