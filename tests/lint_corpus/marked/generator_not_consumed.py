"""A generator that reaches what is marked does so where it is consumed, and not where it is made."""

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
