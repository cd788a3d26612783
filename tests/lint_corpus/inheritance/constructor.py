"""Constructors that block, in the class and in its base."""

import time


class Base:
    def __init__(self):
        time.sleep(0.001)


class Shop(Base):
    pass


class Other(Base):
    def __init__(self):
        self.name = "a"


async def main():
    Shop()  # BLOCKS: time.sleep
    Other()
