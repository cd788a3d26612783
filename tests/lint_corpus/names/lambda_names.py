"""Lambdas bound to names: one blocks, and one is the default value of another one's parameter."""

import time

pause = lambda: time.sleep(0.001)
quiet = lambda time: time.sleep(1)


class Clock:
    sleep = lambda self, seconds: seconds


async def main():
    quiet(Clock())
    Clock().sleep(1)
    pause()  # BLOCKS: time.sleep
