"""``type(self)`` creates another instance, or calls a class method."""

import time


class Base:
    def again(self):
        return type(self)()

    def pause(self):
        return 1

    def other(self):
        return self.__class__.pause(self)


class Slow(Base):
    def pause(self):
        time.sleep(0.001)


async def main():
    Base().again().pause()
    Base().other()
    Slow().again().pause()  # BLOCKS: time.sleep
    Slow().other()  # BLOCKS: time.sleep
