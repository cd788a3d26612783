"""Callbacks, which the loop calls."""

import asyncio
import time


def soon():
    time.sleep(0.001)  # BLOCKS: time.sleep


def later(value):
    helper(value)  # BLOCKS: time.sleep


def helper(value):
    time.sleep(value)


def done(future):
    time.sleep(0.001)  # BLOCKS: time.sleep


class Ticker:
    def start(self):
        asyncio.get_running_loop().call_soon(self.tick)

    def tick(self):
        time.sleep(0.001)  # BLOCKS: time.sleep


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(soon)
    loop.call_later(0.001, later, 0.001)
    Ticker().start()
    task = asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(done)
    await task
    await asyncio.sleep(0.02)
