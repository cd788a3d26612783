"""Names that a package re-exports."""

import shop
from shop import clock, pause


async def main():
    pause(0.001)  # BLOCKS: time.sleep
    shop.clock.twice()  # BLOCKS: time.sleep
    clock.twice()  # BLOCKS: time.sleep
