"""A descriptor whose ``__get__`` blocks."""

import time


class Slow:
    def __get__(self, instance, owner):
        time.sleep(0.001)
        return 1


class Order:
    total = Slow()


async def main():
    Order().total  # BLOCKS: time.sleep
