"""Branches that depend on the type of a value."""

import inspect
import time


def call(function):
    if inspect.iscoroutinefunction(function):
        return function()
    return function()


def as_text(value):
    if isinstance(value, bytes):
        return value.decode()
    if callable(value):
        return value()
    return str(value)


async def quick():
    return 1


def slow():
    time.sleep(0.001)
    return "slow"


async def main():
    await call(quick)
    as_text(b"a")
    as_text(1)
    as_text(dict)
    as_text(slow)  # BLOCKS: time.sleep
