"""Methods that operators call."""

import time


class Slow:
    def __add__(self, other):
        time.sleep(0.001)
        return self

    def __rmul__(self, other):
        time.sleep(0.001)
        return self

    def __neg__(self):
        time.sleep(0.001)
        return self

    def __iadd__(self, other):
        return self


async def main():
    slow = Slow()
    slow + 1  # BLOCKS: time.sleep
    2 * slow  # BLOCKS: time.sleep
    -slow  # BLOCKS: time.sleep
    slow += 1
