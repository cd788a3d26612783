"""A star brings what ``__all__`` names, and nothing else."""

import asyncio

from tools import *


def pause(seconds):
    return seconds


async def main():
    wait()  # BLOCKS: time.sleep
    pause(1)
    await asyncio.sleep(0)
