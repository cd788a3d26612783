"""A lock that is held for a moment is fine; one that is held while others run is not waited for here."""

import asyncio
import threading

lock = threading.Lock()


async def main():
    with lock:
        count = 1
    await asyncio.sleep(0)
    return count
