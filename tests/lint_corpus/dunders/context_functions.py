"""Context managers that are generators."""

import contextlib
import time


@contextlib.contextmanager
def slow():
    time.sleep(0.001)
    yield 1


@contextlib.contextmanager
def slow_end():
    yield 2
    time.sleep(0.001)


@contextlib.contextmanager
def quiet():
    yield 3


async def main():
    with slow() as one:  # BLOCKS: time.sleep
        print(one)
    with slow_end():  # BLOCKS: time.sleep
        pass
    with quiet() as three:
        print(three)
    slow()
