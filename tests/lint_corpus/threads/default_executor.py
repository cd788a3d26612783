"""The default executor of the loop, set and shut down through the loop."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def fetch(name, *, wait):
    time.sleep(wait)
    return name


async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="own"))
    jobs = [asyncio.to_thread(fetch, name, wait=0.001) for name in "ab"]
    print(await asyncio.gather(*jobs))
    task = asyncio.create_task(asyncio.to_thread(fetch, "c", wait=0.001))
    await task
    print(task.result())
    await asyncio.wait_for(asyncio.to_thread(time.sleep, 0.001), 3)
    await loop.shutdown_default_executor()
