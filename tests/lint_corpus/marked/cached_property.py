"""A marked cached property."""

from functools import cached_property

from ginger_async_safe import async_unsafe


class Order:
    @cached_property
    @async_unsafe
    def total(self):
        return 1

    @cached_property
    def quiet(self):
        return 2


async def main():
    order = Order()
    order.quiet
    order.total  # BLOCKS: marked:cached_property.Order.total
