"""Marked functions in unreachable code."""

from typing import TYPE_CHECKING

from ginger_async_safe import async_unsafe

DEBUG = False


@async_unsafe
def recount():
    return 1


if TYPE_CHECKING:
    recount()


async def main():
    if TYPE_CHECKING:
        recount()
    if False:
        recount()
    while 0:
        recount()
    return 1
    recount()
