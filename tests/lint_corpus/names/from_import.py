"""A blocking function that is imported by its name."""

from time import sleep


async def main():
    sleep(0.001)  # BLOCKS: time.sleep
