"""A helper of the project with a sync and an async half."""

import asyncio
import functools
import time


async def run_sync(function, *args, **kwargs):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, functools.partial(function, *args, **kwargs))


async def run_here(function, *args):
    return function(*args)  # BLOCKS: time.sleep


def slow(seconds):
    time.sleep(seconds)


async def main():
    await run_sync(slow, 0.001)
    await run_sync(lambda: slow(0.001))
    await run_here(slow, 0.001)
