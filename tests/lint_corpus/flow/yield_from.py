"""``yield from``: only generators that are consumed run."""

import time


def slow():
    time.sleep(0.001)
    yield 1


def quick():
    yield 2


def both():
    yield from quick()
    yield from slow()


async def main():
    for number in quick():
        print(number)
    first = next(both())
    for number in both():  # BLOCKS: time.sleep
        print(number + first)
    total = max(both())  # BLOCKS: time.sleep
    kept = [both(), slow()]
    return total, kept
