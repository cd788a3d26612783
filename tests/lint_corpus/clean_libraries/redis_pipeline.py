"""redis's client for asyncio: a pipeline collects commands, and its execute is awaited."""

import redis.asyncio as redis


class Store:
    def __init__(self, client):
        self.client = client

    async def add(self, name):
        async with self.client.pipeline() as pipe:
            pipe.set(name, 1)
            pipe.incr(name)
            return await pipe.execute()

    async def get(self, name):
        return await self.client.get(name)


async def main():
    client = redis.Redis(host="127.0.0.1", port=1, retry=None)
    store = Store(client)
    for result in (store.add("a"), store.get("a"), client.ping()):
        try:
            await result
        except redis.ConnectionError as error:
            print(error)
    await client.aclose()
