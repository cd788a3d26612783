"""Methods that ``in`` calls."""

import time


class Box:
    def __contains__(self, item):
        time.sleep(0.001)
        return False


class Same:
    def __eq__(self, other):
        time.sleep(0.001)
        return True

    __hash__ = None


async def main():
    1 in Box()  # BLOCKS: time.sleep
    1 not in Box()  # BLOCKS: time.sleep
    2 in [Same()]  # BLOCKS: time.sleep
    2 in [1, 2]
