"""Callbacks of the loop that only record something, or hand work to a thread."""

import asyncio
import time


class Ticker:
    def __init__(self, loop):
        self.loop = loop
        self.ticks = 0
        self.done = asyncio.Event()

    def tick(self):
        self.ticks += 1
        if self.ticks == 3:
            self.done.set()
        else:
            self.loop.call_later(0.001, self.tick)

    def work(self):
        return self.loop.run_in_executor(None, time.sleep, 0.001)


async def main():
    ticker = Ticker(asyncio.get_running_loop())
    ticker.loop.call_soon(ticker.tick)
    await ticker.done.wait()
    await ticker.work()
    handle = ticker.loop.call_later(60, time.sleep, 1)
    handle.cancel()
