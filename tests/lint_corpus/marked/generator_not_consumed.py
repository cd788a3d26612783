"""A generator that calls a marked function is reported where it is consumed, not where it is created."""

from ginger_async_safe import async_unsafe


@async_unsafe
def load():
    return [1]


def rows():
    yield from load()


async def main():
    made = rows()
    rows()
    list(made)  # BLOCKS: marked:generator_not_consumed.load
    for row in rows():  # BLOCKS: marked:generator_not_consumed.load
        row
