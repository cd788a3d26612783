"""Methods that comparisons call."""

import time


class Slow:
    def __eq__(self, other):
        time.sleep(0.001)
        return True

    def __lt__(self, other):
        time.sleep(0.001)
        return True

    __hash__ = object.__hash__


async def main():
    Slow() == 1  # BLOCKS: time.sleep
    Slow() != 1  # BLOCKS: time.sleep
    Slow() < 1  # BLOCKS: time.sleep
    sorted([Slow(), Slow()])  # BLOCKS: time.sleep
    Slow() is None
