"""Hooks that other modules register."""

import hooks
import shop


async def main():
    hooks.run()  # BLOCKS: time.sleep
    return shop
