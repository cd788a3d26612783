"""Functions that are passed to builtins."""

import functools
import time


def slow(value):
    time.sleep(0.001)
    return value


def add(left, right):
    time.sleep(0.001)
    return left + right


async def main():
    list(map(slow, [1]))  # BLOCKS: time.sleep
    list(filter(slow, [1]))  # BLOCKS: time.sleep
    sorted([1], key=slow)  # BLOCKS: time.sleep
    max([1, 2], key=slow)  # BLOCKS: time.sleep
    functools.reduce(add, [1, 2])  # BLOCKS: time.sleep
    map(slow, [1])
