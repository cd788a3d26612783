"""A program whose sync half blocks, and whose async half does not reach it."""

import asyncio
import os
import time


def backup(folder):
    for name in os.listdir(folder):
        os.stat(os.path.join(folder, name))
    time.sleep(1)


def cli():
    backup("/tmp")
    asyncio.run(main())


class Server:
    def stop(self):
        time.sleep(1)

    async def serve(self):
        await asyncio.sleep(0)
        return self.describe()

    def describe(self):
        return type(self).__name__


async def main():
    return await Server().serve()
