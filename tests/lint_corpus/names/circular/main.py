"""Modules that import each other."""

import first


async def main():
    first.one(2)  # BLOCKS: time.sleep
