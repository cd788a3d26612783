"""Functions with names similar to the marks', and functions that other libraries mark."""

import typing
import warnings

from tools import async_unsafe_ok, not_async_unsafe


@async_unsafe_ok
def one():
    return 1


@not_async_unsafe
def two():
    return 2


@typing.no_type_check
@typing.final
def three():
    return 3


async def main():
    one()
    two()
    three()
    warnings.simplefilter
