"""redis's client for asyncio."""

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


async def main():
    client = redis.Redis(port=9, retry=Retry(NoBackoff(), 0))
    try:
        await client.get("a")
    except redis.ConnectionError:
        pass
    pipeline = client.pipeline()
    pipeline.set("a", 1)
    await client.aclose()
