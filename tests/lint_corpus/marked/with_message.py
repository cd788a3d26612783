"""Marks with a message, and with a fix."""

from ginger_async_safe import async_unsafe


@async_unsafe("Not here.")
def one():
    return 1


@async_unsafe(message="Not here.", fix="await atwo()")
def two():
    return 2


@async_unsafe(fix="await athree()")
def three():
    return 3


async def main():
    one()  # BLOCKS: marked:with_message.one
    two()  # BLOCKS: marked:with_message.two
    three()  # BLOCKS: marked:with_message.three
