import asyncio

from ginger_async_safe import SynchronousOnlyOperation, allow_async_unsafe, async_unsafe


@async_unsafe
def read_settings():
    return {"currency": "EUR"}


async def currency():
    return read_settings()["currency"]


async def main():
    with allow_async_unsafe(reason="one small file, read at start-up", calls="*.read_settings") as grant:
        print("in the block:", await currency())
        try:
            await asyncio.create_task(currency())
        except SynchronousOnlyOperation:
            print("in a task that the block starts: stopped")
    print("calls that the grant allowed:", grant.matched)


asyncio.run(main())
