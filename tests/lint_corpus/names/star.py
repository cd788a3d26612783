"""A name that comes by a star, from a module that is known."""

from time import *


async def main():
    sleep(0.001)  # BLOCKS: time.sleep
