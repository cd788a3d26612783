"""An async function that calls a marked function in a thread."""

import asyncio

from ginger_async_safe import async_unsafe


@async_unsafe
def save():
    return 1


async def asave():
    await asyncio.sleep(0)
    return await asyncio.to_thread(inner)


def inner():
    return save()


async def main():
    await asave()
    await asyncio.gather(asave(), asyncio.to_thread(inner))
    await asyncio.wait_for(asave(), 5)
