"""``TYPE_CHECKING`` branches, and other branches that are never taken."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time import sleep
else:

    def sleep(seconds):
        return seconds


if False:
    os.listdir("/tmp")


async def main():
    sleep(1)
    if TYPE_CHECKING:
        os.listdir("/tmp")
    if False:
        os.listdir("/tmp")
    if not TYPE_CHECKING:
        os.listdir("/tmp")  # BLOCKS: os.listdir
    if 0:
        os.listdir("/tmp")
