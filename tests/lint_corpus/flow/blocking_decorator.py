"""A decorator whose wrapper blocks."""

import functools
import time


def slow(function):
    @functools.wraps(function)
    async def wrapper():
        time.sleep(0.001)  # BLOCKS: time.sleep
        return await function()

    return wrapper


@slow
async def work():
    return 1


async def main():
    await work()
