"""Handlers in a dictionary, looked up by a literal name: only that one is called."""

import time


def quick():
    return 1


def slow():
    time.sleep(0.001)


HANDLERS = {"quick": quick, "slow": slow}


async def main():
    HANDLERS["quick"]()
    HANDLERS.get("slow")()  # BLOCKS: time.sleep
    names = sorted(HANDLERS)
    return names
