"""A cached property blocks at its first use only."""

import time
from functools import cached_property


class Order:
    @cached_property
    def total(self):
        time.sleep(0.001)
        return 1

    @cached_property
    def quiet(self):
        return 2


class Calm(Order):
    @cached_property
    def total(self):
        return 3


async def main():
    order = Order()
    order.quiet
    order.total  # BLOCKS: time.sleep
    Calm().total
