"""Sorting with a key compares the keys, not the values."""

import time


class Slow:
    number = 1

    def __lt__(self, other):
        time.sleep(0.001)
        return True


async def main():
    slow = [Slow(), Slow()]
    sorted(slow, key=lambda each: each.number)
    max(slow, key=id)
    slow.sort(key=id)
    sorted(slow)  # BLOCKS: time.sleep
    min(slow)  # BLOCKS: time.sleep
