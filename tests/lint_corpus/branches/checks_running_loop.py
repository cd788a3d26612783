"""Code that checks whether a loop is running."""

import asyncio
import time


def pause():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        time.sleep(3)
    else:
        return None


def pause_too():
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None:
        time.sleep(3)


async def main():
    pause()
    pause_too()
