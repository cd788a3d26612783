"""Arguments for a thread are evaluated before it runs."""

import asyncio
import functools
import time


def slow():
    time.sleep(0.001)
    return time.time


async def main():
    await asyncio.to_thread(slow())  # BLOCKS: time.sleep
    await asyncio.to_thread(functools.partial(print, slow()))  # BLOCKS: time.sleep
    await asyncio.to_thread(slow)
