"""A decorator of the project that runs the decorated function in a thread."""

import asyncio
import functools
import time


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*arguments, **named):
        return await asyncio.to_thread(function, *arguments, **named)

    return wrapper


@in_thread
def slow():
    time.sleep(0.001)


class Shop:
    @in_thread
    def pause(self):
        time.sleep(0.001)


async def main():
    await slow()
    await Shop().pause()
