"""Marked functions that only sync code calls."""

from ginger_async_safe import async_unsafe


@async_unsafe
def recount():
    return 1


def report():
    return recount()


async def main():
    return report
