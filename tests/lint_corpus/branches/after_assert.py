"""Constants of the module that are never changed, and what they keep from running."""

import os
import sys
import time
from typing import Final

TRACE: Final = False


def trace():
    if TRACE:
        time.sleep(1)
    if __debug__ and TRACE:
        os.listdir("/tmp")


def windows_only():
    if sys.platform != "win32":
        return None
    return os.listdir("C:/")


async def main():
    trace()
    windows_only()
    if sys.version_info < (3, 0):
        time.sleep(1)
    if os.name == "java":
        time.sleep(1)
    for _ in ():
        time.sleep(1)
    return None if True else time.sleep(1)
