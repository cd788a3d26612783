"""Summaries: what the names of an installed package stand for, as far as its source shows."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

__all__ = ["Summary", "SummaryKind"]


class SummaryKind(str, Enum):
    """What a name refers to. The values are in the cache.

    Attributes:
        CALLABLE: A function, method or class, or another callable.
        VALUE: Any other object, among them what a property returns.
        ALIAS: A name outside the package, which a rule may cover.
    """

    CALLABLE = "callable"
    VALUE = "value"
    ALIAS = "alias"


class Summary(NamedTuple):
    """What a name of an installed package refers to.

    Attributes:
        kind: What it is.
        name: Its public name; for an alias, the name that it refers to.
        package: The package, with its version.
        type: The type of the value, or of what a call returns, in the notation of the tables; empty where it is not known.
        is_made: Whether a call makes an instance of a class, which is never ``None``.
        chain: The calls from this one down to one that a rule covers, which each call makes with any arguments, or each
            reading of a property; empty where none is certain.
        is_lazy: Whether it makes them when its result is iterated or entered.
        is_async: Whether its result has to be awaited.
        flags: The parameters that must keep their defaults for the chain to be certain, each with its position in a call,
            which is -1 for one that is given by name only.
    """

    kind: SummaryKind
    name: str
    package: str = ""
    type: str = ""
    is_made: bool = False
    chain: tuple[str, ...] = ()
    is_lazy: bool = False
    is_async: bool = False
    flags: tuple[tuple[str, int], ...] = ()
