"""map and filter run where they are consumed."""

import time
from functools import reduce


def slow(number):
    time.sleep(0.001)
    return number


def add(left, right):
    return slow(left) + right


async def main():
    mapped = map(slow, [1, 2])
    filtered = filter(slow, [1, 2])
    unused = map(slow, [3])
    list(mapped)  # BLOCKS: time.sleep
    for number in filtered:  # BLOCKS: time.sleep
        print(number)
    reduce(add, [1, 2])  # BLOCKS: time.sleep
    return unused
