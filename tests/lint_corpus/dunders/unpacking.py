"""Unpacking iterates over the value."""

import time


class Pair:
    def __iter__(self):
        time.sleep(0.001)
        return iter((1, 2))


def take(*arguments):
    return arguments


async def main():
    one, two = Pair()  # BLOCKS: time.sleep
    take(*Pair())  # BLOCKS: time.sleep
    [*Pair()]  # BLOCKS: time.sleep
    three, four = 3, 4
