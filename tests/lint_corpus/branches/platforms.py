"""Branches that depend on the platform and the version of Python."""

import os
import sys
import time

if sys.version_info >= (3, 8):

    def pause():
        time.sleep(0.001)

else:

    def pause():
        return None


async def main():
    pause()  # BLOCKS: time.sleep
    if os.name == "posix":
        time.sleep(0.001)  # BLOCKS: time.sleep
    else:
        time.sleep(3)
