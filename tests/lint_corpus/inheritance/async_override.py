"""A method that is async in the class, and sync in its base class."""

import asyncio
import time


class Base:
    def run(self):
        time.sleep(0.001)


class Shop(Base):
    async def run(self):
        await asyncio.sleep(0)


async def main():
    await Shop().run()
    Base().run()  # BLOCKS: time.sleep
