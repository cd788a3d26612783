"""Code that asks asyncio for the running loop, and blocks if there is one."""

import asyncio
import time


def wrong_way():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return 0
    else:
        time.sleep(0.001)
        return 1


async def main():
    wrong_way()  # BLOCKS: time.sleep
