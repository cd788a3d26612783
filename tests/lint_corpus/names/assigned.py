"""A blocking function that is assigned to names."""

import time

nap = time.sleep


async def main():
    nap(0.001)  # BLOCKS: time.sleep
    doze = nap
    doze(0.001)  # BLOCKS: time.sleep
