"""A dictionary class that reads a file for missing keys."""

import time


class Lazy(dict):
    def __missing__(self, key):
        time.sleep(0.001)
        return key


async def main():
    Lazy()["a"]  # BLOCKS: time.sleep
    Lazy().get("a")
    "a" in Lazy()
    len(Lazy())
