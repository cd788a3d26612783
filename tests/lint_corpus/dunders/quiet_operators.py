"""Operators that block in one class, and not in another."""

import time


class Slow:
    def __add__(self, other):
        time.sleep(0.001)
        return self

    def __getitem__(self, key):
        time.sleep(0.001)
        return key

    def __eq__(self, other):
        time.sleep(0.001)
        return True


class Quick:
    def __add__(self, other):
        return self

    def __getitem__(self, key):
        return key

    def __eq__(self, other):
        return True


async def main():
    quick = Quick()
    quick + Slow()
    quick[Slow()]
    quick == Slow()
    quick != 1
    Slow
