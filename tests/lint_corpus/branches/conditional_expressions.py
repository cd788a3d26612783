"""Conditions in expressions."""

import time

SLOW = True


def pause():
    time.sleep(0.001)
    return 1


async def main(given=None):
    given or print("none given")
    SLOW and pause()  # BLOCKS: time.sleep
    found = pause() if SLOW else 0  # BLOCKS: time.sleep
    quick = pause if SLOW else None
    False and pause()
    True or pause()
    return found, quick
