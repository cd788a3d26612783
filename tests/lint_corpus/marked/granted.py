"""Marked functions inside a grant, and one after it."""

from ginger_async_safe import allow_async_unsafe, async_unsafe


@async_unsafe
def recount():
    return 1


async def main():
    with allow_async_unsafe(reason="it is quick here"):
        recount()
    recount()  # BLOCKS: marked:granted.recount
