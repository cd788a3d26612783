"""Functions that call each other, and in the end a blocking function, or none."""

import time


def even(number):
    if number == 0:
        time.sleep(0.001)
        return True
    return odd(number - 1)


def odd(number):
    return False if number == 0 else even(number - 1)


def down(number):
    return 0 if number == 0 else up(number - 1)


def up(number):
    return down(number)


def depth(tree):
    return 1 + max(map(depth, tree), default=0)


async def main():
    down(3)
    depth([[], [[]]])
    return odd(3)  # BLOCKS: time.sleep
