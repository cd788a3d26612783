"""Done-callbacks of tasks that only record something."""

import asyncio

RUNNING = set()


async def work():
    await asyncio.sleep(0)


async def main():
    task = asyncio.create_task(work())
    RUNNING.add(task)
    task.add_done_callback(RUNNING.discard)
    await task
    results = []
    other = asyncio.create_task(work())
    other.add_done_callback(lambda done: results.append(done.result()))
    await other
    await asyncio.sleep(0)
