"""Async classes with the names and methods of blocking ones."""

import asyncio


async def main():
    jobs = asyncio.Queue()
    await jobs.put(1)
    await jobs.get()
    lock = asyncio.Lock()
    await lock.acquire()
    lock.release()
    event = asyncio.Event()
    event.set()
    await event.wait()
    async with lock:
        pass
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
