"""A generator that a thread consumes."""

import asyncio
import time


def rows():
    for number in range(2):
        time.sleep(0.001)
        yield number


def collected():
    return list(rows())


async def main():
    made = rows()
    first = await asyncio.to_thread(next, made)
    rest = await asyncio.to_thread(list, made)
    again = await asyncio.to_thread(collected)
    return first, rest, again
