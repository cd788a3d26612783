"""``sync_to_async`` with the result of a call, and one that is not awaited."""

import time

from asgiref.sync import sync_to_async


def make():
    time.sleep(0.001)
    return dict


def load():
    time.sleep(0.001)
    return make


async def main():
    await sync_to_async(make())()  # BLOCKS: time.sleep
    later = await sync_to_async(load)()
    later()  # BLOCKS: time.sleep
    load_async = sync_to_async(load)
    await load_async()
