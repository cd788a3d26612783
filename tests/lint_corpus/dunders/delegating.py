"""A class that delegates unknown attributes to another object."""

import time


class Clock:
    def pause(self):
        time.sleep(0.001)


class Proxy:
    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)


async def main():
    Proxy(Clock()).pause()  # BLOCKS: time.sleep
