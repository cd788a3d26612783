"""Methods that truth tests call."""

import time


class Slow:
    def __bool__(self):
        time.sleep(0.001)
        return True


class Sized:
    def __len__(self):
        time.sleep(0.001)
        return 1


async def main():
    if Slow():  # BLOCKS: time.sleep
        pass
    not Sized()  # BLOCKS: time.sleep
    Slow() and 1  # BLOCKS: time.sleep
    bool(Slow())  # BLOCKS: time.sleep
    while Slow():  # BLOCKS: time.sleep
        break
    1 if Sized() else 2  # BLOCKS: time.sleep
    len(Sized())  # BLOCKS: time.sleep
    if Slow:
        pass
