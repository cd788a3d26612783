"""Lambdas."""

import time

slow = lambda: time.sleep(0.001)
double = lambda value: value * 2


async def main():
    slow()  # BLOCKS: time.sleep
    later = lambda: time.sleep(3)
    double(2)
    (lambda: time.sleep(0.001))()  # BLOCKS: time.sleep
    return later
