"""Code that asks asyncio for the running loop, and blocks only if there is none."""

import asyncio
import time


def sync_pause():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        time.sleep(0.001)


def in_loop():
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None:
        time.sleep(0.001)
    return loop


async def main():
    sync_pause()
    in_loop()
    await asyncio.to_thread(sync_pause)
