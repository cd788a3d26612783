"""Grants whose patterns match, match by a star, or do not."""

import os
import time

from ginger_async_safe import allow_async_unsafe


async def main():
    with allow_async_unsafe(reason="short", calls=["time.sleep"]):
        time.sleep(0.001)
        os.listdir("/tmp")  # BLOCKS: os.listdir
    with allow_async_unsafe(reason="files are local", calls=["os.*"]):
        os.listdir("/tmp")
        os.stat("/tmp")
        time.sleep(0.001)  # BLOCKS: time.sleep
    time.sleep(0.001)  # BLOCKS: time.sleep
