"""A marked function under a decorator that calls it, and under one that never does."""

import functools

from ginger_async_safe import async_unsafe


def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)

    return inner


def instead(function):
    @functools.wraps(function)
    def inner(*arguments):
        return None

    return inner


@logged
@async_unsafe
def one():
    return 1


@instead
@async_unsafe
def two():
    return 2


async def main():
    one()  # BLOCKS: marked:wrapped_again.one
    two()
