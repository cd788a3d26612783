"""GingerDJ's mark in a module that hands out an own decorator by the same name, too."""

from marks import async_unsafe, safe
from marks import real


@async_unsafe
def one():
    return 1


@safe
def two():
    return 2


@real
def three():
    return 3


async def main():
    one()
    two()
    three  # not called
