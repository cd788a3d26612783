"""Helpers that are defined differently by platform and version."""

import os
import sys
import time

if sys.platform == "win32":

    def settle():
        return os.listdir("/tmp")

else:

    def settle():
        time.sleep(0.001)


if sys.version_info >= (3, 9):

    def modern():
        return 1

else:

    def modern():
        time.sleep(1)


async def main():
    modern()
    settle()  # BLOCKS: time.sleep
