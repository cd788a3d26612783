"""Functions that a dictionary holds, called by their names."""

import time


def quiet(seconds):
    return seconds


WAYS = {"slow": time.sleep, "quick": quiet}


async def main():
    WAYS["slow"](0.001)  # BLOCKS: time.sleep
    WAYS["quick"](0.001)
    WAYS.get("slow")(0.001)  # BLOCKS: time.sleep
