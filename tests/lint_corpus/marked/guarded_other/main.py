"""One class is guarded; its base and its sibling are not."""

from ginger_async_safe import async_unsafe
from shop import Base, Order, Sibling

async_unsafe.guard(Order, "save")


async def main():
    Base().save()
    Sibling().save()
    Order().load()
