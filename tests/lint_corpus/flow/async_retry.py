"""A decorator of async functions that awaits before it tries again."""

import asyncio
import functools


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        async def wrapper(*args):
            for _ in range(times):
                try:
                    return await function(*args)
                except ValueError:
                    await asyncio.sleep(0.001)
            return None

        return wrapper

    return decorate


@retry(times=2)
async def parse(text):
    return int(text)


async def main():
    return await parse("no number")
