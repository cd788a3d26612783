"""A callback that a thread schedules runs on the loop."""

import asyncio
import time


def slow(done):
    time.sleep(0.001)  # BLOCKS: time.sleep
    done.set()


def work(loop, done):
    time.sleep(0.001)
    loop.call_soon_threadsafe(slow, done)


async def main():
    done = asyncio.Event()
    await asyncio.to_thread(work, asyncio.get_running_loop(), done)
    await done.wait()
