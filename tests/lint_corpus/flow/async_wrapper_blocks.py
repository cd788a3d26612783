"""An async wrapper that blocks: its own line is reported."""

import functools
import time


def throttled(function):
    @functools.wraps(function)
    async def wrapper(*args):
        time.sleep(0.001)  # BLOCKS: time.sleep
        return await function(*args)

    return wrapper


@throttled
async def handle(number):
    return number


async def main():
    await handle(1)
