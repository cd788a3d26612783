"""Functions that call themselves, and each other."""

import time


def count(number):
    if number:
        return count(number - 1)
    time.sleep(0.001)
    return 0


def even(number):
    return True if not number else odd(number - 1)


def odd(number):
    time.sleep(0.001)
    return False if not number else even(number - 1)


def quiet(number):
    return quiet(number - 1) if number else 0


async def main():
    count(2)  # BLOCKS: time.sleep
    even(2)  # BLOCKS: time.sleep
    quiet(3)
