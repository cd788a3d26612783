"""A marked property, and its marked setter."""

from ginger_async_safe import async_unsafe


class Order:
    _total = 1

    @property
    def total(self):
        return self._total

    @total.setter
    @async_unsafe
    def total(self, value):
        self._total = value

    @property
    @async_unsafe
    def slow(self):
        return 2


async def main():
    order = Order()
    order.total
    order.total = 3  # BLOCKS: marked:setter.Order.total
    order.slow  # BLOCKS: marked:setter.Order.slow
    Order.slow
