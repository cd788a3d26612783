"""A method that is called through its class."""

import time


class Base:
    def pause(self):
        time.sleep(0.001)


class Shop(Base):
    def pause(self):
        Base.pause(self)


async def main():
    Shop.pause(Shop())  # BLOCKS: time.sleep
