"""A function with implementations by type."""

import time
from functools import singledispatch


@singledispatch
def show(value):
    return repr(value)


@show.register
def _(value: int):
    return hex(value)


@singledispatch
def store(value):
    time.sleep(0.001)


async def main():
    show("a")
    show(1)
    store("a")  # BLOCKS: time.sleep
