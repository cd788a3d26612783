"""Generator expressions run where they are consumed."""

import time


def slow(value):
    time.sleep(0.001)
    return value


async def main():
    sum(slow(value) for value in [1])  # BLOCKS: time.sleep
    later = (slow(value) for value in [1])
    list(later)  # BLOCKS: time.sleep
    never = (slow(value) for value in [1])
    return never
