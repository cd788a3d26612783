"""Static and class methods that select what does not block."""

import time


class Clock:
    seconds = 1

    @staticmethod
    def now():
        return time.monotonic()

    @classmethod
    def make(cls):
        return cls()

    @classmethod
    def sleep(cls, seconds):
        return cls.seconds + seconds

    def later(self):
        return type(self).sleep(1) + self.now()


async def main():
    Clock.now()
    Clock.sleep(1)
    Clock.make().later()
    Clock().sleep(2)
