"""Names in a class body."""

import time


class Clock:
    pause = staticmethod(time.sleep)
    import subprocess


async def main():
    Clock.pause(0.001)  # BLOCKS: time.sleep
    Clock.subprocess.call(["true"])  # BLOCKS: subprocess.call
