"""A class is given a function of another place, and its child another one."""

import time


def slow(self):
    time.sleep(0.001)


def quick(self):
    return 1


class Clock:
    pause = slow


class Calm(Clock):
    pause = quick


async def main():
    Calm().pause()
    Clock().pause()  # BLOCKS: time.sleep
