"""Marked functions that are referred to, stored and compared, but not called."""

from ginger_async_safe import async_unsafe


@async_unsafe
def recount():
    return 1


class Order:
    @async_unsafe
    def save(self):
        return 1


async def main():
    way = recount
    way is recount
    [recount, Order.save]
    Order().save
    recount.__name__
    {"a": recount}.get("a")
