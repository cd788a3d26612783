"""Context managers made from generators that block before or after the yield."""

import time
from contextlib import contextmanager


@contextmanager
def opened():
    time.sleep(0.001)
    yield 1


@contextmanager
def closed():
    try:
        yield 1
    finally:
        time.sleep(0.001)


@contextmanager
def noted(notes):
    notes.append("in")
    yield notes
    notes.append("out")


async def main():
    with opened() as one:  # BLOCKS: time.sleep
        one += 1
    with closed():  # BLOCKS: time.sleep
        pass
    with noted([]) as notes:
        notes.append("here")
    unused = opened()
    return unused
