"""A done-callback of a task."""

import asyncio
import time


class Watcher:
    def __init__(self):
        self.count = 0

    def finished(self, task):
        self.count += 1
        time.sleep(0.001)  # BLOCKS: time.sleep


async def work():
    await asyncio.sleep(0)


async def main():
    watcher = Watcher()
    task = asyncio.create_task(work())
    task.add_done_callback(watcher.finished)
    await task
    await asyncio.sleep(0)
