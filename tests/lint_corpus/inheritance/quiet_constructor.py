"""A class whose constructor does not call that of its base class."""

import time


class Slow:
    def __init__(self):
        time.sleep(0.001)


class Quick(Slow):
    def __init__(self):
        self.made = True


class Made:
    def __init__(self):
        time.sleep(0.001)

    def __new__(cls):
        return 1


async def main():
    Quick()
    Made()
    Slow()  # BLOCKS: time.sleep
