"""A function that is marked."""

from ginger_async_safe import async_unsafe


@async_unsafe
def recount():
    return 1


def report():
    return recount()


async def main():
    recount()  # BLOCKS: marked:bare.recount
    report()  # BLOCKS: marked:bare.recount
