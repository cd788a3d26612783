"""redis for asyncio."""

import redis.asyncio as redis


async def main():
    client = redis.Redis(port=9)
    try:
        await client.get("a")
    except redis.ConnectionError:
        pass
    pipeline = client.pipeline()
    pipeline.set("a", 1)
    await client.aclose()
