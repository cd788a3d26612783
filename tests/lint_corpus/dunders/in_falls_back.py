"""``in`` calls ``__iter__`` of a class without ``__contains__``."""

import time


class Slow:
    def __iter__(self):
        time.sleep(0.001)
        return iter([1])


class Both:
    def __iter__(self):
        time.sleep(0.001)
        return iter([1])

    def __contains__(self, item):
        return True


async def main():
    1 in Slow()  # BLOCKS: time.sleep
    1 in Both()
    1 not in Both()
    list(Both())  # BLOCKS: time.sleep
