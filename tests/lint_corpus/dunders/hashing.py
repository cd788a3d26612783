"""Adding a value to a set or a dictionary calls its ``__hash__``."""

import time


class Slow:
    def __hash__(self):
        time.sleep(0.001)
        return 1

    def __eq__(self, other):
        return True


class Quick:
    def __hash__(self):
        return 1


async def main():
    {Slow()}  # BLOCKS: time.sleep
    {Slow(): 1}  # BLOCKS: time.sleep
    hash(Slow())  # BLOCKS: time.sleep
    {Quick()}
    [Slow()]
