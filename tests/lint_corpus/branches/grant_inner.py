"""A grant in a helper covers what the helper does, and not its callers."""

import os
import time

from ginger_async_safe import allow_async_unsafe


def load():
    with allow_async_unsafe(reason="read once"):
        names = os.listdir("/tmp")
    return names


def load_more():
    names = load()
    time.sleep(0.001)
    return names


async def main():
    load()
    load_more()  # BLOCKS: time.sleep
