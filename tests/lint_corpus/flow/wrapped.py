"""A decorator with functools.wraps that calls the function, around functions of both kinds."""

import asyncio
import functools
import time


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)

    return wrapper


@logged
def slow():
    time.sleep(0.001)


@logged
def quick():
    return 1


@logged
async def waiting():
    await asyncio.sleep(0)


async def main():
    quick()
    await waiting()
    slow()  # BLOCKS: time.sleep
