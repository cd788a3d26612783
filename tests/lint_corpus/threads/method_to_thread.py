"""Methods that a thread runs, and attributes of their results."""

import asyncio
import time
from functools import partial


class Client:
    timeout = 0.001

    def fetch(self, name, *, wait=0.001):
        time.sleep(wait)
        return {"name": name}

    @classmethod
    def connect(cls):
        time.sleep(cls.timeout)
        return cls()

    @staticmethod
    def check():
        time.sleep(0.001)
        return True


async def main():
    client = await asyncio.to_thread(Client.connect)
    found = await asyncio.to_thread(client.fetch, "a", wait=0.001)
    again = await asyncio.to_thread(partial(Client().fetch, "b"))
    fetch = client.fetch
    third = await asyncio.to_thread(fetch, "c")
    await asyncio.to_thread(Client.check)
    return found["name"], again.get("name"), third, client.timeout
