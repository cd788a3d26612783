import asyncio
import time

from asgiref.sync import sync_to_async

from ginger_async_safe import async_unsafe


@async_unsafe
def fetch_rows():
    time.sleep(0.2)  # simulates a slow database query
    return ["Kindred", "Invisible Cities"]


def titles():
    return ", ".join(fetch_rows())


async def dashboard():
    return await sync_to_async(titles)()


print(asyncio.run(dashboard()))
