"""Exception handlers and ``finally`` blocks."""

import time


async def main():
    try:
        int("a")
    except ValueError:
        time.sleep(0.001)  # BLOCKS: time.sleep
    try:
        int("1")
    finally:
        time.sleep(0.001)  # BLOCKS: time.sleep
    try:
        int("1")
    except ValueError:
        pass
    else:
        time.sleep(0.001)  # BLOCKS: time.sleep
