"""sync_to_async as a decorator, with arguments and without."""

import time

from asgiref.sync import sync_to_async


@sync_to_async
def plain():
    time.sleep(0.001)
    return 1


@sync_to_async(thread_sensitive=False)
def apart():
    time.sleep(0.001)
    return 2


class Store:
    @sync_to_async
    def load(self, name):
        time.sleep(0.001)
        return name


async def main():
    await plain()
    await apart()
    await Store().load("a")
    await sync_to_async(time.sleep, thread_sensitive=True)(0.001)
