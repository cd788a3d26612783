"""A blocking call by its full name."""

import time


async def main():
    time.sleep(0.001)  # BLOCKS: time.sleep
