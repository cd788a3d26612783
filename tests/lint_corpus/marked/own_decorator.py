"""A decorator of the project that marks."""

from ginger_async_safe import async_unsafe


def blocking(function):
    return async_unsafe("Not here.")(function)


@blocking
def recount():
    return 1


async def main():
    recount()  # BLOCKS: marked:own_decorator.recount
