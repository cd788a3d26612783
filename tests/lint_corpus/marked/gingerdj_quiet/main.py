"""GingerDJ's decorator, and a module that exports a decorator of its own under the same name."""

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
