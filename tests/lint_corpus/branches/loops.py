"""Loops, and the code after them."""

import time


async def main():
    while True:
        time.sleep(0.001)  # BLOCKS: time.sleep
        break
    for _ in range(2):
        continue
    else:
        time.sleep(0.001)  # BLOCKS: time.sleep
    for _ in range(2):
        break
    return 1
