"""Errors that are let go."""

import contextlib
import time


async def main():
    with contextlib.suppress(ValueError):
        int("a")
        time.sleep(3)
    time.sleep(0.001)  # BLOCKS: time.sleep
