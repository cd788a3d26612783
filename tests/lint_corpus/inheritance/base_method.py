"""An inherited method."""

import time


class Base:
    def pause(self):
        time.sleep(0.001)


class Shop(Base):
    pass


async def main():
    Shop().pause()  # BLOCKS: time.sleep
