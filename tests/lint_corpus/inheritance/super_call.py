"""``super()`` calls the method of the base class."""

import time


class Base:
    def save(self):
        time.sleep(0.001)


class Order(Base):
    def save(self):
        super().save()
        return 1


class Async(Base):
    async def save(self):
        super().save()  # BLOCKS: time.sleep


async def main():
    Order().save()  # BLOCKS: time.sleep
    await Async().save()
