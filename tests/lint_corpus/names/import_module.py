"""A module that is imported by ``import_module`` with a literal name."""

import importlib

clock = importlib.import_module("time")


async def main():
    clock.monotonic()
    clock.sleep(0.001)  # BLOCKS: time.sleep
    importlib.import_module("time").sleep(0.001)  # BLOCKS: time.sleep
