"""An object that a thread created blocks when its methods are called on the loop."""

import asyncio
import time


class Client:
    def __init__(self):
        time.sleep(0.001)
        self.ready = True

    def fetch(self):
        time.sleep(0.001)

    def describe(self):
        return f"ready: {self.ready}"


async def main():
    client = await asyncio.to_thread(Client)
    client.describe()
    client.fetch()  # BLOCKS: time.sleep
    other = Client()  # BLOCKS: time.sleep
    await asyncio.to_thread(other.fetch)
