import asyncio
import os

from ginger_async_safe import allow_async_unsafe, async_unsafe, configure, explain

os.environ["GINGER_ASYNC_SAFE"] = "log"
os.environ["GINGER_ALLOW_ASYNC_UNSAFE"] = "false"
configure(allow=["shop.db.*"])


@async_unsafe
def rows():
    return ["Kindred"]


@async_unsafe
def legacy_rows():
    return ["Invisible Cities"]


async def main():
    for _ in range(3):
        legacy_rows()
    with allow_async_unsafe(reason="read once, at start-up", calls="__main__.rows"):
        rows()
        rows()
        explain()


asyncio.run(main())
