"""Functions of asyncio with the names of blocking ones."""

import asyncio


async def main():
    queue = asyncio.Queue()
    await queue.put(1)
    await queue.get()
    lock = asyncio.Lock()
    async with lock:
        await asyncio.sleep(0)
    await lock.acquire()
    event = asyncio.Event()
    event.set()
    await event.wait()
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    future.result()
