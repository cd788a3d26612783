"""An attribute of the instance hides a method of its class."""

import time


class Clock:
    def pause(self):
        time.sleep(0.001)


class Calm(Clock):
    def __init__(self):
        self.pause = self.quiet

    def quiet(self):
        return 1


async def main():
    Calm().pause()
    Clock().pause()  # BLOCKS: time.sleep
