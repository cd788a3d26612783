"""Blocking calls that a grant allows."""

import time

from ginger_async_safe import allow_async_unsafe


def slow():
    time.sleep(0.001)


@allow_async_unsafe(reason="at the start")
def allowed():
    time.sleep(0.001)


@allow_async_unsafe(reason="at the start")
async def allowed_async():
    time.sleep(0.001)


async def main():
    with allow_async_unsafe(reason="at the start"):
        time.sleep(0.001)
        slow()
    async with allow_async_unsafe(reason="at the start"):
        time.sleep(0.001)
    allowed()
    await allowed_async()
    time.sleep(0.001)  # BLOCKS: time.sleep
