"""Code that checks for an async context, in both directions, with early returns."""

import asyncio
import time

from ginger_async_safe import in_async_context


def pause(seconds):
    if in_async_context():
        return asyncio.sleep(seconds)
    time.sleep(seconds)
    return None


def settle():
    if not in_async_context():
        time.sleep(0.001)


def either():
    if in_async_context():
        return 1
    else:
        time.sleep(0.001)
        return 2


async def main():
    await pause(0)
    settle()
    either()
    await asyncio.to_thread(settle)
