"""A name that is bound to one of two classes, one of which blocks."""

import time


class Slow:
    def pause(self):
        time.sleep(0.001)


class Quick:
    def pause(self):
        return 0


def make(slow):
    return Slow() if slow else Quick()


async def main():
    make(True).pause()  # BLOCKS: time.sleep
    quick = Quick() or Slow()
    quick.pause()
