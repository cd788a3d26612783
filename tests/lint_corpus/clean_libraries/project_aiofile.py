"""A class of the project with the methods of a file, which reads in threads."""

import asyncio
from pathlib import Path


class AsyncFile:
    def __init__(self, path):
        self.path = path
        self.file = None

    async def __aenter__(self):
        self.file = await asyncio.to_thread(self.path.open, "rb")
        return self

    async def __aexit__(self, *args):
        await asyncio.to_thread(self.file.close)

    async def read(self, size=-1):
        return await asyncio.to_thread(self.file.read, size)

    def __aiter__(self):
        return self

    async def __anext__(self):
        line = await asyncio.to_thread(self.file.readline)
        if not line:
            raise StopAsyncIteration
        return line


def aopen(path):
    return AsyncFile(path)


async def main():
    async with aopen(Path(__file__)) as file:
        print(await file.read(10))
        return [line async for line in file]
