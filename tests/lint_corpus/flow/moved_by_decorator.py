"""A decorator that runs the decorated function in a thread, wherever it is used."""

import asyncio
import functools
import time


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper


@in_thread
def slow(seconds):
    time.sleep(seconds)
    return seconds


class Service:
    @in_thread
    def fetch(self):
        time.sleep(0.001)
        return self


async def main():
    await slow(0.001)
    await Service().fetch()
