"""Queues that hold clients."""

import asyncio
import queue
import time


class Client:
    def send(self):
        time.sleep(0.001)


threads = queue.SimpleQueue()


class Pool:
    def __init__(self):
        self.free = asyncio.Queue()

    async def fill(self):
        await self.free.put(Client())
        self.free.put_nowait(Client())
        threads.put(Client())

    async def use(self):
        client = await self.free.get()
        client.send()  # BLOCKS: time.sleep
        self.free.get_nowait().send()  # BLOCKS: time.sleep


pool = None


async def prepare():
    global pool
    pool = Pool()
    await pool.fill()


async def main():
    await pool.use()
    threads.get_nowait().send()  # BLOCKS: time.sleep
    local = queue.Queue()
    local.put(Client())
    local.get_nowait().send()  # BLOCKS: time.sleep
