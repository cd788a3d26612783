"""The first of two bases has the method, and does not wait."""

import time


class Slow:
    def load(self):
        time.sleep(0.001)


class Quick:
    def load(self):
        return 1


class Both(Quick, Slow):
    pass


class Other(Slow, Quick):
    pass


async def main():
    Both().load()
    Other().load()  # BLOCKS: time.sleep
    Both.load(Both())
