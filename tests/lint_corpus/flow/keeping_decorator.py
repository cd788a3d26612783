"""Decorators that call the decorated function."""

import functools
import time


def logged(function):
    @functools.wraps(function)
    def wrapper(*arguments, **named):
        return function(*arguments, **named)

    return wrapper


def named(name):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*arguments, **options):
            print(name)
            return function(*arguments, **options)

        return wrapper

    return decorator


def same(function):
    return function


@logged
def one():
    time.sleep(0.001)


@named("a")
def two():
    time.sleep(0.001)


@logged
@named("a")
@same
def three():
    time.sleep(0.001)


@functools.lru_cache(maxsize=None)
def four():
    time.sleep(0.001)


@logged
def quiet():
    return 1


async def main():
    one()  # BLOCKS: time.sleep
    two()  # BLOCKS: time.sleep
    three()  # BLOCKS: time.sleep
    four()  # BLOCKS: time.sleep
    quiet()
