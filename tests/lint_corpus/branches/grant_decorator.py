"""Grants as decorators, of sync functions and async ones."""

import time

from ginger_async_safe import allow_async_unsafe


@allow_async_unsafe(reason="it is short")
def allowed():
    time.sleep(0.001)


@allow_async_unsafe(reason="it is short")
async def also_allowed():
    time.sleep(0.001)
    allowed()


def not_allowed():
    time.sleep(0.001)


async def main():
    allowed()
    await also_allowed()
    not_allowed()  # BLOCKS: time.sleep
