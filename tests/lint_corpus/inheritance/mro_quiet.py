"""Of two bases, the first one's method is used, and does not block."""

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
