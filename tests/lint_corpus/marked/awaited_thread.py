"""Marked functions that are passed to threads in every way."""

import asyncio
from functools import partial

from asgiref.sync import sync_to_async
from ginger_async_safe import async_unsafe


@async_unsafe
def recount(number=1):
    return number


class Order:
    @async_unsafe
    def save(self):
        return 1


async def main():
    await asyncio.to_thread(recount, 2)
    await asyncio.to_thread(Order().save)
    await sync_to_async(recount)(3)
    await sync_to_async(Order().save, thread_sensitive=False)()
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, partial(recount, 4))
    await asyncio.to_thread(lambda: recount(5))
