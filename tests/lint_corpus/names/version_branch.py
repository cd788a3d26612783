"""A function that is defined for other versions of Python."""

import sys
import time

if sys.version_info >= (3, 0):

    def wait():
        return 0

else:

    def wait():
        time.sleep(0.001)


if sys.platform == "nowhere":

    def pause():
        time.sleep(0.001)

else:

    def pause():
        return 0


async def main():
    wait()
    pause()
