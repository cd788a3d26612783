"""A blocking call by a name of its own."""

from time import sleep


async def main():
    sleep(0.001)  # BLOCKS: time.sleep
