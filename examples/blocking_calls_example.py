import asyncio
import pathlib
import time

from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls

settings = pathlib.Path("settings.txt")
settings.write_text("currency=EUR\n")


def currency():
    return settings.read_text().partition("=")[2].strip()


async def dashboard():
    for call in (currency, lambda: time.sleep(0.1)):
        try:
            call()
        except SynchronousOnlyOperation as error:
            print(error)
    print("in a thread:", await asyncio.to_thread(currency))


with guard_blocking_calls():
    asyncio.run(dashboard())
