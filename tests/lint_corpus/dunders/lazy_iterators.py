"""Wrapping an iterator does not advance it."""

import time


def rows():
    time.sleep(0.001)
    yield 1


class Slow:
    def __next__(self):
        time.sleep(0.001)
        raise StopIteration

    def __iter__(self):
        return self


async def main():
    made = rows()
    (row for row in made)
    map(str, made)
    filter(None, made)
    enumerate(made)
    zip(made, made)
    iter(Slow())
    sum(rows())  # BLOCKS: time.sleep
    list(Slow())  # BLOCKS: time.sleep
