"""Lazy results of a thread, and results that it has computed."""

import asyncio
import os
import time


def rows():
    for number in range(2):
        time.sleep(0.001)
        yield number


def names():
    return (os.stat(name) for name in ["/tmp", "/"])


def sizes():
    return [os.stat(name).st_size for name in ["/tmp", "/"]]


async def main():
    for row in await asyncio.to_thread(rows):  # BLOCKS: time.sleep
        print(row)
    found = await asyncio.to_thread(names)
    list(found)  # BLOCKS: os.stat
    for size in await asyncio.to_thread(sizes):
        print(size)
