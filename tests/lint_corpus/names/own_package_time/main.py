"""A package of the project with a name similar to the library's, and a sleep() of its own."""

import timing
from timing import sleep
from timing.clock import sleep as nap


async def main():
    sleep(1)
    nap(1)
    timing.sleep(1)
    timing.clock.sleep(1)
