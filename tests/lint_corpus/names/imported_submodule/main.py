"""A submodule that is available because another module imported it."""

import shop
import other


async def main():
    shop.clock.pause()  # BLOCKS: time.sleep
    shop.clock.quiet()
    return other
