"""Pools of threads whose blocks end before all of their jobs."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def work():
    time.sleep(0.1)


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:  # BLOCKS: concurrent.futures.ThreadPoolExecutor.shutdown
        loop.run_in_executor(pool, work)
    with ThreadPoolExecutor() as pool:  # BLOCKS: concurrent.futures.ThreadPoolExecutor.shutdown
        await asyncio.sleep(0)
        pool.submit(work)
    with ThreadPoolExecutor() as pool:  # BLOCKS: concurrent.futures.ThreadPoolExecutor.shutdown
        later = loop.run_in_executor(pool, work)
        await asyncio.sleep(0)
    await later
