"""A module in a variable."""

import time

clock = time


async def main():
    clock.sleep(0.001)  # BLOCKS: time.sleep
    local = clock
    local.sleep(0.001)  # BLOCKS: time.sleep
