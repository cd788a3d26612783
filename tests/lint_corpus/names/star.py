"""A name that a star import binds, from a known module."""

from time import *


async def main():
    sleep(0.001)  # BLOCKS: time.sleep
