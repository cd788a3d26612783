import asyncio
import time

from ginger_async_safe import async_unsafe


@async_unsafe
def fetch_rows():
    time.sleep(0.2)  # simulates a slow database query
    return ["Kindred", "Invisible Cities"]


def titles():
    return ", ".join(fetch_rows())


async def dashboard():
    return titles()


print(titles())
print(asyncio.run(dashboard()))
