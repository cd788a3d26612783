"""A method that blocks in the base class, and is overridden."""

import time


class Base:
    def pause(self):
        time.sleep(0.001)

    def work(self):
        self.pause()


class Quiet(Base):
    def pause(self):
        return None


async def main():
    Quiet().pause()
    Quiet().work()
    Base().work()  # BLOCKS: time.sleep
