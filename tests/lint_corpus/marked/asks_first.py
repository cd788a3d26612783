"""A function that asks where it is before it calls what is marked."""

from ginger_async_safe import async_unsafe, in_async_context


@async_unsafe
def recount():
    return 1


def count():
    if in_async_context():
        return 0
    return recount()


def other():
    return recount() if not in_async_context() else 0


async def main():
    count()
    other()
