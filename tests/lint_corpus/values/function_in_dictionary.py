"""Functions in a dictionary, called by their keys."""

import time


def quiet(seconds):
    return seconds


WAYS = {"slow": time.sleep, "quick": quiet}


async def main():
    WAYS["slow"](0.001)  # BLOCKS: time.sleep
    WAYS["quick"](0.001)
    WAYS.get("slow")(0.001)  # BLOCKS: time.sleep
