"""A module of the project with the name of the library's, and a decorator of its own."""

from decorators import async_unsafe
from decorators import guard


@async_unsafe
def one():
    return 1


@async_unsafe(message="Not here.")
def two():
    return 2


class Order:
    def save(self):
        return 3


guard(Order, "save")


async def main():
    one()
    two()
    Order().save()
