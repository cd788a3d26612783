"""A project that marks each sync function and gives an async one beside it."""

from asgiref.sync import sync_to_async
from ginger_async_safe import async_unsafe


class Order:
    @async_unsafe(fix="await asave()")
    def save(self):
        return 1

    asave = sync_to_async(save)

    @async_unsafe(fix="await aload()")
    def load(self):
        return 2

    async def aload(self):
        return await sync_to_async(self.load)()


async def main():
    order = Order()
    await order.aload()
    await sync_to_async(order.save)()
    order.asave
