"""Async methods of a base class and of its subclass."""

import asyncio
import time


class Base:
    async def load(self):
        await asyncio.sleep(0)
        return await self.fetch()

    async def fetch(self):
        return 1


class Slow(Base):
    async def fetch(self):
        time.sleep(0.001)  # BLOCKS: time.sleep


class Quick(Base):
    async def fetch(self):
        return await super().fetch()


async def main():
    await Base().load()
    await Quick().load()
    await Slow().load()
