"""Key functions of sorting, and of finding the smallest or largest value."""

import time
from itertools import groupby


def slow_key(number):
    time.sleep(0.001)
    return -number


def quick_key(number):
    return -number


async def main():
    numbers = [2, 1]
    numbers.sort(key=quick_key)
    min(numbers, key=quick_key)
    sorted(numbers, key=slow_key)  # BLOCKS: time.sleep
    max(numbers, key=slow_key)  # BLOCKS: time.sleep
    numbers.sort(key=lambda number: slow_key(number))  # BLOCKS: time.sleep
    return groupby(numbers, key=slow_key)
