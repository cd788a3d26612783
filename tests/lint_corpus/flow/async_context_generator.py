"""An async context manager made from a generator: the line in it is reported, not the one that enters it."""

import asyncio
import time
from contextlib import asynccontextmanager


def connect():
    time.sleep(0.001)
    return {"open": True}


@asynccontextmanager
async def connection():
    made = connect()  # BLOCKS: time.sleep
    try:
        yield made
    finally:
        await asyncio.sleep(0)


async def main():
    async with connection() as made:
        print(made["open"])
