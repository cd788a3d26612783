"""Generators run where they are consumed."""

import time


def rows():
    yield 1
    time.sleep(0.001)


def nested():
    yield from rows()


async def main():
    made = rows()
    for row in made:  # BLOCKS: time.sleep
        print(row)
    list(nested())  # BLOCKS: time.sleep
    sum(rows())  # BLOCKS: time.sleep
    never = rows()
    one, = rows()  # BLOCKS: time.sleep
    return never, one
