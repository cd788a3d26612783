"""Functions whose results are cached: the first call runs the body."""

import functools
import time


@functools.cache
def settings():
    time.sleep(0.001)
    return {"a": 1}


@functools.lru_cache(maxsize=4)
def square(number):
    return number * number


async def main():
    square(2)
    return settings()["a"]  # BLOCKS: time.sleep
