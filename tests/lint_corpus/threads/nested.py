"""A nested function that runs in a thread."""

import asyncio
import time


async def main():
    def slow():
        time.sleep(0.001)

    await asyncio.to_thread(slow)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: time.sleep(0.001))
