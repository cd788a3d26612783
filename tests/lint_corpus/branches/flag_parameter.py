"""A flag parameter that decides whether the function waits."""

import time


def run(wait):
    if wait:
        time.sleep(0.001)
    return wait


async def main():
    run(True)  # BLOCKS: time.sleep
    run(False)
