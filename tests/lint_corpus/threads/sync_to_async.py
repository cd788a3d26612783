"""``sync_to_async``, called and as a decorator."""

import time

from asgiref.sync import sync_to_async


def slow(seconds=0.001):
    time.sleep(seconds)


@sync_to_async
def decorated():
    time.sleep(0.001)


@sync_to_async(thread_sensitive=False)
def with_options():
    time.sleep(0.001)


class Shop:
    @sync_to_async
    def count(self):
        slow()

    def pause(self):
        slow()


async def main():
    await sync_to_async(slow)()
    await sync_to_async(slow, thread_sensitive=False)(0.001)
    await decorated()
    await with_options()
    await Shop().count()
    await sync_to_async(Shop().pause)()
    aslow = sync_to_async(slow)
    await aslow()
    slow()  # BLOCKS: time.sleep
