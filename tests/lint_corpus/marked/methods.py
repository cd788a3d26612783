"""Marks on methods of all kinds."""

from ginger_async_safe import async_unsafe


class Order:
    @async_unsafe
    def save(self):
        return 1

    @staticmethod
    @async_unsafe
    def count():
        return 2

    @classmethod
    @async_unsafe
    def load(cls):
        return 3

    @property
    @async_unsafe
    def total(self):
        return 4

    def quiet(self):
        return 5


async def main():
    order = Order()
    order.save()  # BLOCKS: marked:methods.Order.save
    Order.count()  # BLOCKS: marked:methods.Order.count
    Order.load()  # BLOCKS: marked:methods.Order.load
    order.total  # BLOCKS: marked:methods.Order.total
    order.quiet()
