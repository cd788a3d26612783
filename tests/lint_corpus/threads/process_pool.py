"""Work for other processes, awaited through the loop."""
# NOT RUN: it starts processes, which import the case anew

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor


def work(seconds):
    time.sleep(seconds)
    return seconds


async def main():
    pool = ProcessPoolExecutor(1)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(pool, work, 0.001)
    future = pool.submit(work, 0.001)
    await asyncio.wrap_future(future)
    pool.shutdown(wait=False)
