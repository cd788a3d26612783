"""A decorator with arguments: how long it waits is one of them."""

import functools
import time


def retry(times, wait):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for _ in range(times):
                try:
                    return function(*args)
                except ValueError:
                    time.sleep(wait)
            return None

        return wrapper

    return decorate


@retry(times=2, wait=0.001)
def parse(text):
    return int(text)


async def main():
    return parse("no number")  # BLOCKS: time.sleep
