"""An object of the project with a pool, to which it hands work."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor


class Workers:
    def __init__(self, count):
        self.pool = ThreadPoolExecutor(count)

    async def run(self, function, *args):
        return await asyncio.get_running_loop().run_in_executor(self.pool, function, *args)

    def submit(self, function, *args):
        return self.pool.submit(function, *args)

    async def stop(self):
        await asyncio.to_thread(self.pool.shutdown)


async def main():
    workers = Workers(1)
    await workers.run(time.sleep, 0.001)
    await workers.run(lambda: os.listdir("/tmp"))
    future = workers.submit(os.stat, "/tmp")
    await asyncio.wrap_future(future)
    await workers.stop()
