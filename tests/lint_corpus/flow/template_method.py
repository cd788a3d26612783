"""A method of a base class that calls methods which subclasses implement."""

import asyncio
import time


class Job:
    async def run(self):
        self.before()
        await self.work()
        self.after()  # BLOCKS: time.sleep

    def before(self):
        return None

    async def work(self):
        await asyncio.sleep(0)

    def after(self):
        return None


class Report(Job):
    def after(self):
        time.sleep(0.001)


async def main():
    await Report().run()
