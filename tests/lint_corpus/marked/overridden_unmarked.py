"""A class that overrides a marked method, and marks nothing."""

from ginger_async_safe import async_unsafe


class Order:
    @async_unsafe
    def save(self):
        return 1


class Draft(Order):
    def save(self):
        return 2


async def main():
    Draft().save()
    Order().save()  # BLOCKS: marked:overridden_unmarked.Order.save
