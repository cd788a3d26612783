"""``__init_subclass__`` of a base class runs where the subclass is defined."""

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
