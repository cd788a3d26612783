"""A callback for a time of the loop's clock, with arguments."""

import asyncio
import time


def later(seconds, done):
    time.sleep(seconds)  # BLOCKS: time.sleep
    done.set()


def harmless(done):
    done.set()


async def main():
    loop = asyncio.get_running_loop()
    done, other = asyncio.Event(), asyncio.Event()
    loop.call_at(loop.time() + 0.01, later, 0.001, done)
    loop.call_at(loop.time(), harmless, other)
    await asyncio.gather(done.wait(), other.wait())
