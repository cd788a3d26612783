"""``run_in_executor`` with the result of a call in the place of a function."""

import asyncio
import time
from functools import partial


def fetch(seconds=0.001):
    time.sleep(seconds)
    return dict


def seconds():
    time.sleep(0.001)
    return 0.001


async def main():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, fetch())  # BLOCKS: time.sleep
    await loop.run_in_executor(None, partial(fetch, 0.001))
    await loop.run_in_executor(None, partial(fetch, seconds()))  # BLOCKS: time.sleep
    await loop.run_in_executor(None, fetch, seconds())  # BLOCKS: time.sleep
