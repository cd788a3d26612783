"""Properties and their setters."""

import functools
import time


class Order:
    @property
    def total(self):
        time.sleep(0.001)
        return 1

    @functools.cached_property
    def report(self):
        time.sleep(0.001)
        return 2

    @property
    def name(self):
        return "a"

    @name.setter
    def name(self, value):
        time.sleep(0.001)


async def main():
    order = Order()
    order.total  # BLOCKS: time.sleep
    order.report  # BLOCKS: time.sleep
    order.name
    order.name = "b"  # BLOCKS: time.sleep
