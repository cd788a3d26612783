"""asyncio's locks, whose names are those of thread locks."""

import asyncio


class Gate:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.free = asyncio.Semaphore(2)
        self.event = asyncio.Event()
        self.changed = asyncio.Condition()

    async def enter(self):
        async with self.lock, self.free:
            await self.lock.__class__().acquire()
        await self.free.acquire()
        self.free.release()
        self.event.set()
        return await self.event.wait()

    async def change(self):
        async with self.changed:
            self.changed.notify_all()
            await self.changed.wait_for(lambda: True)


async def main():
    gate = Gate()
    await gate.enter()
    await gate.change()
