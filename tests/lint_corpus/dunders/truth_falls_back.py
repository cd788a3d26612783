"""A truth test calls ``__len__`` of a class without ``__bool__``, and not of one with it."""

import time


class Slow:
    def __len__(self):
        time.sleep(0.001)
        return 1


class Both:
    def __len__(self):
        time.sleep(0.001)
        return 1

    def __bool__(self):
        return True


async def main():
    if Slow():  # BLOCKS: time.sleep
        pass
    if Both():
        pass
    not Both()
    len(Both())  # BLOCKS: time.sleep
    while Slow() and Both():  # BLOCKS: time.sleep
        break
