"""The right operand's method is called if the left operand's returns NotImplemented."""

import time


class Slow:
    def __radd__(self, other):
        time.sleep(0.001)
        return self

    def __gt__(self, other):
        time.sleep(0.001)
        return True


class Unknowing:
    def __add__(self, other):
        return NotImplemented


class Knowing:
    def __add__(self, other):
        return self

    def __lt__(self, other):
        return True


async def main():
    1 + Slow()  # BLOCKS: time.sleep
    Unknowing() + Slow()  # BLOCKS: time.sleep
    Knowing() + Slow()
    Knowing() < Slow()
    1 < Slow()  # BLOCKS: time.sleep
