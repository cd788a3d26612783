"""A dictionary of the project that reads what it does not have."""

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
