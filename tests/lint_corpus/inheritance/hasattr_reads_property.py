"""``hasattr`` and ``getattr`` evaluate a property of an instance, and not of the class."""

import time


class Order:
    @property
    def total(self):
        time.sleep(0.001)
        return 1

    def pause(self):
        time.sleep(0.001)


async def main():
    order = Order()
    hasattr(order, "total")  # BLOCKS: time.sleep
    getattr(order, "total", 1)  # BLOCKS: time.sleep
    hasattr(order, "pause")
    getattr(order, "pause", None)
    hasattr(Order, "total")
