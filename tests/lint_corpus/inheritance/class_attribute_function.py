"""A function as a class attribute, which a subclass replaces with another one."""

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
