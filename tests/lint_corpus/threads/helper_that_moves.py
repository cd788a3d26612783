"""A helper of the project that runs its argument in a thread."""

import asyncio
import time


async def in_thread(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, lambda: function(*arguments))


def slow(seconds):
    time.sleep(seconds)


async def main():
    await in_thread(slow, 0.001)
    await in_thread(time.sleep, 0.001)
