"""What a base does when a class is derived from it is done where the class is written."""

import time

SLOW = []


class Base:
    def __init_subclass__(cls, **rest):
        SLOW.append(cls)
        time.sleep(0.001)

    @classmethod
    def make(cls):
        return cls()


class Order(Base):
    pass


async def main():
    Order.make()
    Order()

    class Inner(Base):  # BLOCKS: time.sleep
        pass

    Inner()
