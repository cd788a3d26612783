"""Names that a star import binds, from a module of the project."""

from tools import *


async def main():
    wait()  # BLOCKS: time.sleep
    sleep(0.001)  # BLOCKS: time.sleep
