"""Awaitable objects: ``__await__`` runs on the loop."""

import asyncio
import time


class Quick:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()


class Slow:
    def __await__(self):
        time.sleep(0.001)
        yield from asyncio.sleep(0).__await__()


async def main():
    await Quick()
    await Slow()  # BLOCKS: time.sleep
