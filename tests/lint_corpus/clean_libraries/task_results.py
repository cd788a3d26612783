"""Results of tasks that are done."""

import asyncio


async def work():
    return 1


async def main():
    task = asyncio.create_task(work())
    await task
    task.result()
    done, _ = await asyncio.wait([asyncio.create_task(work())])
    for each in done:
        each.result()
    first, second = await asyncio.gather(work(), work())
    return first + second
