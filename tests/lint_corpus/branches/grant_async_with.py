"""Grants that are entered by ``async with``, and what they cover."""

import asyncio
import time

from ginger_async_safe import allow_async_unsafe


def helper():
    time.sleep(0.001)


async def main():
    async with allow_async_unsafe(reason="the start"):
        helper()
        await asyncio.sleep(0)
        time.sleep(0.001)
    helper()  # BLOCKS: time.sleep
