"""run_in_executor with the loop's pool, with a pool, with arguments."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(1)


def fetch(seconds):
    time.sleep(seconds)
    return seconds


class Client:
    def fetch(self):
        return fetch(0.001)


async def main():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, fetch, 0.001)
    await loop.run_in_executor(POOL, Client().fetch)
    await loop.run_in_executor(POOL, lambda: fetch(0.001))
    await asyncio.gather(*(loop.run_in_executor(POOL, fetch, 0.001) for _ in range(2)))
