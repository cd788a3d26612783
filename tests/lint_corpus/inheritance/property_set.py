"""A property whose setter blocks, and whose getter does not."""

import time


class Order:
    def __init__(self):
        self._total = 1

    @property
    def total(self):
        return self._total

    @total.setter
    def total(self, value):
        time.sleep(0.001)
        self._total = value

    @total.deleter
    def total(self):
        self._total = 0


async def main():
    order = Order()
    order.total
    order.total = 2  # BLOCKS: time.sleep
    order.total += 1  # BLOCKS: time.sleep
    del order.total
