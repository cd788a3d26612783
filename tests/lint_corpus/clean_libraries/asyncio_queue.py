"""asyncio's queue, whose methods have the names of the thread queue's."""

import asyncio


async def produce(queue):
    for number in range(3):
        await queue.put(number)
    queue.put_nowait(None)


async def main():
    queue = asyncio.Queue(maxsize=5)
    task = asyncio.create_task(produce(queue))
    while (number := await queue.get()) is not None:
        print(number, queue.qsize(), queue.empty())
    await task
    for _ in range(4):
        queue.task_done()
    await queue.join()
