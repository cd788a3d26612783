"""A file that a thread opened is read on the loop, and in a thread."""

import asyncio


def opened():
    return open(__file__, "rb", buffering=0)


async def main():
    file = await asyncio.to_thread(open, __file__, "rb", 0)
    await asyncio.to_thread(file.read, 10)
    await asyncio.to_thread(file.close)
    other = await asyncio.to_thread(opened)
    other.read(10)  # BLOCKS: file.read
    await asyncio.to_thread(other.close)
