"""An async subclass of a sync class, which uses none of its blocking methods."""

import asyncio
import time


class Client:
    def __init__(self, name):
        self.name = name

    def get(self):
        time.sleep(0.001)
        return self.name

    def close(self):
        time.sleep(0.001)


class AsyncClient(Client):
    async def get(self):
        await asyncio.sleep(0)
        return self.name

    async def close(self):
        return None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()


async def main():
    async with AsyncClient("a") as client:
        await client.get()
