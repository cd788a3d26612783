"""A name in a class body is visible neither in the methods nor in the module."""

from time import sleep


class Clock:
    sleep = len

    def pause(self):
        return sleep(0.001)

    def quiet(self):
        return Clock.sleep("")


async def main():
    Clock().pause()  # BLOCKS: time.sleep
    Clock().quiet()
    Clock.sleep("")
