"""Threads of anyio."""

import time

import anyio
import anyio.to_thread
from anyio.to_thread import run_sync


def slow(seconds=0.001):
    time.sleep(seconds)


async def main():
    await anyio.to_thread.run_sync(slow)
    await run_sync(slow, 0.001)
    await run_sync(lambda: time.sleep(0.001))
