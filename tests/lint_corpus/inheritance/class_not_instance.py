"""Methods, properties and functions that are read from a class, but not called."""

import inspect
import time


class Order:
    def save(self):
        time.sleep(0.001)

    @property
    def total(self):
        time.sleep(0.001)
        return 1

    @staticmethod
    def load():
        time.sleep(0.001)


async def main():
    Order.save
    Order.total
    Order().load
    Order.__dict__["load"]
    inspect.signature(Order.save).parameters
    hasattr(Order, "total")
    issubclass(Order, object)
