"""Stacked decorators: one calls the function, and one runs it in a thread."""

import asyncio
import functools
import time


def keeping(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def moving(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await asyncio.to_thread(function, *args)

    return wrapper


@moving
@keeping
def far(seconds):
    time.sleep(seconds)


@keeping
@keeping
def near(seconds):
    time.sleep(seconds)


async def main():
    await far(0.001)
    near(0.001)  # BLOCKS: time.sleep
