"""A client for sync and async code: in async code it returns an awaitable."""

import asyncio
import time

from ginger_async_safe import in_async_context


class Client:
    def fetch(self, name):
        return self._fetch_async(name) if in_async_context() else self._fetch_sync(name)

    async def _fetch_async(self, name):
        await asyncio.sleep(0)
        return name

    def _fetch_sync(self, name):
        time.sleep(0.001)
        return name

    def close(self):
        if in_async_context():
            return
        time.sleep(0.001)


async def main():
    client = Client()
    await client.fetch("a")
    client.close()
    await asyncio.to_thread(client.fetch, "b")
