"""One guarded callable of each kind."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

from ginger_async_safe import async_unsafe

__all__ = [
    "Echo",
    "Shop",
    "echo_later",
    "function",
    "guarded_builtin",
    "guarded_instance",
    "guarded_lambda",
    "guarded_partial",
    "shop",
]


@async_unsafe
def function(a: int, b: int = 2, /, *rest: int, c: int = 3, **more: int) -> list[object]:
    """Return all arguments."""
    return [a, b, rest, c, more]


async def echo_later(a: int) -> int:
    """Return the argument, asynchronously."""
    return a


guarded_partial = async_unsafe(functools.partial(math.pow, 2))
guarded_builtin = async_unsafe(math.sqrt)
guarded_lambda = async_unsafe(lambda a: a)


class Echo:
    """Instances can be called."""

    def __call__(self, a: int) -> int:
        return a


guarded_instance = async_unsafe(Echo())


class Shop:
    """Attributes of every kind that can be guarded."""

    opened = 0

    def __init__(self) -> None:
        self.stock = 1

    @async_unsafe
    def method(self, a: int) -> tuple[Shop, int]:
        """Return the instance."""
        return self, a

    @async_unsafe
    @classmethod
    def guarded_class_method(cls, a: int) -> tuple[type[Shop], int]:
        """Return the class."""
        return cls, a

    @classmethod
    @async_unsafe
    def class_method(cls, a: int) -> tuple[type[Shop], int]:
        """Return the class."""
        return cls, a

    @async_unsafe
    @staticmethod
    def guarded_static_method(a: int) -> int:
        """Return the argument."""
        return a

    @staticmethod
    @async_unsafe
    def static_method(a: int) -> int:
        """Return the argument."""
        return a

    @property
    def inner(self) -> int:
        """What is in stock."""
        return self.stock

    @inner.setter
    def inner(self, value: int) -> None:
        self.stock = value

    @inner.deleter
    def inner(self) -> None:
        self.stock = 0

    attribute: Any = async_unsafe(inner)

    @property
    @async_unsafe
    def only_read(self) -> int:
        """What is in stock, guarded when read."""
        return self.stock

    @only_read.setter
    def only_read(self, value: int) -> None:
        self.stock = value

    @async_unsafe  # type: ignore[prop-decorator]
    @functools.cached_property
    def cached(self) -> int:
        """What was in stock when this was first read."""
        return self.stock

    @functools.cached_property
    @async_unsafe
    def cached_function(self) -> int:
        """What was in stock when this was first read."""
        return self.stock

    one_more = async_unsafe(functools.partialmethod(method, 1))
    builtin: Any = async_unsafe(abs)
    partial: Any = async_unsafe(staticmethod(functools.partial(operator.add, 1)))
    instance: Any = async_unsafe(Echo())

    @async_unsafe
    @functools.lru_cache  # noqa: B019 - instances live as long as the tests
    def remembered(self, a: int) -> tuple[int, int]:
        """Return what is in stock."""
        return self.stock, a


shop = Shop()
