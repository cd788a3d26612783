"""A function that checks for an async context before it calls a marked function."""

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
