"""A list of hooks."""

import time

HOOKS = []


def slow():
    time.sleep(0.001)


def quiet():
    return 1


HOOKS.append(slow)
HOOKS.append(quiet)


async def main():
    for hook in HOOKS:
        hook()  # BLOCKS: time.sleep
