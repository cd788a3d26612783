"""Methods that a ``for`` loop calls."""

import time


class Rows:
    def __iter__(self):
        return self

    def __next__(self):
        time.sleep(0.001)
        raise StopIteration


class Listed:
    def __iter__(self):
        time.sleep(0.001)
        return iter([1])


class Indexed:
    def __getitem__(self, index):
        time.sleep(0.001)
        raise IndexError


async def main():
    for _ in Rows():  # BLOCKS: time.sleep
        pass
    list(Listed())  # BLOCKS: time.sleep
    for _ in Indexed():  # BLOCKS: time.sleep
        pass
    [row for row in Rows()]  # BLOCKS: time.sleep
    for _ in [1, 2]:
        pass
