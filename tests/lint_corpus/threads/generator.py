"""A generator that a thread creates runs where it is consumed."""

import asyncio
import time


def rows():
    time.sleep(0.001)
    yield 1


def listed():
    return list(rows())


async def main():
    made = await asyncio.to_thread(rows)
    for row in made:  # BLOCKS: time.sleep
        print(row)
    for row in await asyncio.to_thread(listed):
        print(row)
