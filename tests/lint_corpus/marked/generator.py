"""A marked generator is also checked where it is consumed."""

from ginger_async_safe import async_unsafe


@async_unsafe
def rows():
    yield 1


async def main():
    list(rows())  # BLOCKS: marked:generator.rows
