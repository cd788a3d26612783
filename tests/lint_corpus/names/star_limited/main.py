"""A star import binds the names in ``__all__``, and no others."""

import asyncio

from tools import *


def pause(seconds):
    return seconds


async def main():
    wait()  # BLOCKS: time.sleep
    pause(1)
    await asyncio.sleep(0)
