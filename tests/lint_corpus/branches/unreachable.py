"""Code after a statement that never completes."""

import asyncio
import os
import time


def returned():
    return 1
    time.sleep(1)


def raised():
    raise ValueError("no")
    time.sleep(1)


async def forever(done):
    while True:
        await asyncio.sleep(0)
        if done.is_set():
            return
    os.listdir("/tmp")


async def endless():
    while True:
        await asyncio.sleep(0)
    time.sleep(1)


async def main():
    returned()
    done = asyncio.Event()
    done.set()
    await forever(done)
    try:
        raised()
    except ValueError:
        pass
    task = asyncio.create_task(endless())
    await asyncio.sleep(0)
    task.cancel()
