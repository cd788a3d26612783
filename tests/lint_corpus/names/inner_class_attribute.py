"""A class's own name is not that of its methods, nor of its module."""

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
