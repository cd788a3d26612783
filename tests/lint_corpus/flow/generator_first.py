"""A generator that blocks before its first value."""

import time


def rows(path):
    time.sleep(0.001)
    for number in range(3):
        yield path, number


async def main():
    made = rows("a")
    named = {"rows": rows("b")}
    first = next(made)  # BLOCKS: time.sleep
    rest = list(named["rows"])  # BLOCKS: time.sleep
    return first, rest
