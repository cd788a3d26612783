"""Builtins that call special methods."""

import time


class Rows:
    def __iter__(self):
        return self

    def __next__(self):
        time.sleep(0.001)
        return 1


async def main():
    rows = iter(Rows())
    next(rows)  # BLOCKS: time.sleep
    next(iter([1]))
