"""Code that is never executed."""

import sys
import time
from typing import TYPE_CHECKING


def early():
    return 1
    time.sleep(3)


def raising():
    raise ValueError
    time.sleep(3)


def forever(flag):
    while True:
        if flag:
            return 1
    time.sleep(3)


async def main():
    if False:
        time.sleep(3)
    if TYPE_CHECKING:
        time.sleep(3)
    if sys.platform == "win32":
        time.sleep(3)
    if sys.version_info < (3, 8):
        time.sleep(3)
    while False:
        time.sleep(3)
    early()
    forever(1)
    try:
        raising()
    except ValueError:
        pass
