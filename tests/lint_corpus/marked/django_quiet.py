"""Django's decorator on functions that only threads call, and an unmarked method beside them."""

from asgiref.sync import sync_to_async
from django.utils.asyncio import async_unsafe


class Order:
    @async_unsafe("Not here.")
    def save(self):
        return 1

    def quiet(self):
        return 2

    async def asave(self):
        return await sync_to_async(self.save)()


class Draft(Order):
    def save(self):
        return 3


async def main():
    await Order().asave()
    Order().quiet()
    Draft().save()
