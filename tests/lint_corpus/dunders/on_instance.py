"""Operators call the method of the class, not that of the instance."""

import time


class Quiet:
    def __init__(self):
        self.__len__ = lambda: time.sleep(0.001)
        self.__bool__ = lambda: time.sleep(0.001)

    def __len__(self):
        return 1


async def main():
    quiet = Quiet()
    len(quiet)
    if quiet:
        bool(quiet)
    not quiet
