"""Pools of threads whose jobs are awaited before their block ends."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def work():
    time.sleep(0.001)


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
        await loop.run_in_executor(pool, work)
    with ThreadPoolExecutor() as pool:
        await asyncio.gather(*[loop.run_in_executor(pool, work) for _ in range(2)])
    with ThreadPoolExecutor() as pool:
        jobs = [loop.run_in_executor(pool, work) for _ in range(2)]
        for job in asyncio.as_completed(jobs):
            await job
    with ThreadPoolExecutor() as pool:
        jobs = []
        jobs.append(loop.run_in_executor(pool, work))
        await asyncio.wait(jobs)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(work)
        await asyncio.wrap_future(future)
