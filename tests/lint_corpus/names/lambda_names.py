"""Lambdas by a name: one waits, and one is another's default."""

import time

pause = lambda: time.sleep(0.001)
quiet = lambda time: time.sleep(1)


class Clock:
    sleep = lambda self, seconds: seconds


async def main():
    quiet(Clock())
    Clock().sleep(1)
    pause()  # BLOCKS: time.sleep
