"""A dictionary of functions."""

import time


def slow():
    time.sleep(0.001)


def quiet():
    return 1


HANDLERS = {"slow": slow}
QUIET = {"quiet": quiet}


async def main():
    HANDLERS["slow"]()  # BLOCKS: time.sleep
    for name, handler in HANDLERS.items():
        handler()  # BLOCKS: time.sleep
    QUIET["quiet"]()
    QUIET.get("quiet")()
