"""The project's own sleep() does not block."""

import asyncio


def sleep(seconds):
    return seconds


async def main():
    sleep(3)
    await asyncio.sleep(0)
