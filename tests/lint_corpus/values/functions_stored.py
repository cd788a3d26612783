"""Blocking functions that are stored, passed on and compared, but never called."""

import subprocess
import time

WAYS = {"sleep": time.sleep, "run": subprocess.run}


class Clock:
    pause = staticmethod(time.sleep)

    def __init__(self, wait=time.sleep):
        self.wait = wait


async def main():
    clock = Clock()
    clock.wait is time.sleep
    clock.pause
    WAYS["sleep"]
    WAYS.get("run")
    list(WAYS.values())
    time.sleep.__name__
    callable(subprocess.run)
