"""The result of a future of the loop that is done."""

import asyncio


async def main():
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    future.result()
    task = asyncio.create_task(asyncio.sleep(0, 2))
    await asyncio.wait([task])
    task.result()
    task.exception()
    done, _ = await asyncio.wait([asyncio.create_task(asyncio.sleep(0))])
    [each.result() for each in done]
