"""Exceptions that are suppressed."""

import contextlib
import time


async def main():
    with contextlib.suppress(ValueError):
        time.sleep(0.001)  # BLOCKS: time.sleep
        int("a")
    time.sleep(0.001)  # BLOCKS: time.sleep
