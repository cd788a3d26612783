"""Functions with some arguments bound by ``partial``."""

import functools
import time


def slow(seconds, name=""):
    time.sleep(seconds)
    return name


ready = functools.partial(slow, 0.001)


async def main():
    ready()  # BLOCKS: time.sleep
    functools.partial(slow, 0.001, name="a")()  # BLOCKS: time.sleep
    functools.partial(slow, 3)
