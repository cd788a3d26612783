"""A lock that is only held for a moment."""

import asyncio
import threading

lock = threading.Lock()


async def main():
    with lock:
        count = 1
    await asyncio.sleep(0)
    return count
