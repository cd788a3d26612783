"""Marked functions are allowed in threads."""

import asyncio

from asgiref.sync import sync_to_async
from ginger_async_safe import async_unsafe


@async_unsafe
def recount():
    return 1


async def main():
    await asyncio.to_thread(recount)
    await sync_to_async(recount)()
    return recount
