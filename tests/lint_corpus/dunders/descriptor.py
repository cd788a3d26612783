"""A descriptor that does something when it is asked for."""

import time


class Slow:
    def __get__(self, instance, owner):
        time.sleep(0.001)
        return 1


class Order:
    total = Slow()


async def main():
    Order().total  # BLOCKS: time.sleep
