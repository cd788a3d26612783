"""Class methods and static methods."""

import time


class Clock:
    @classmethod
    def pause(cls):
        cls._pause()

    @staticmethod
    def _pause():
        time.sleep(0.001)

    @staticmethod
    def quiet():
        return 1


class Other(Clock):
    @staticmethod
    def _pause():
        return None


async def main():
    Clock.pause()  # BLOCKS: time.sleep
    Clock().pause()  # BLOCKS: time.sleep
    Other.pause()
    Clock.quiet()
