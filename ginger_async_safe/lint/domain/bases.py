"""What all values have in common: how they nest, how they are compared, and how several join into one."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

__all__ = [
    "UNKNOWN",
    "Hashed",
    "Nested",
    "Single",
    "Union",
    "Unknown",
    "Value",
    "each",
    "hashed_once",
    "join",
    "join_known",
    "shallow",
]

T = TypeVar("T")

_MAX_MEMBERS = 8
_MAX_DEPTH = 5


class Single:
    """A value that is no union."""

    __slots__ = ()
    depth = 0
    decides = False
    """Whether it is ``None``, a truth value or a number: little but the outcome of tests depends on it."""


class Hashed(Single):
    """A value whose hash is computed once."""

    __slots__ = ("_hash",)
    _hash: int


class Nested(Hashed):
    """A value that contains others. Depth and hash are computed once: values nest deeply, and share their parts."""

    __slots__ = ("_depth",)
    _depth: int

    @abstractmethod
    def _inside(self) -> Iterable[Value]:
        """Return the values that it contains."""

    @property
    def depth(self) -> int:  # type: ignore[override]
        """How deep values are nested in it."""
        try:
            known = self._depth
        except AttributeError:
            known = 1 + max(map(deep, self._inside()), default=0)
            object.__setattr__(self, "_depth", known)
        return known


def hashed_once(cls: type[T]) -> type[T]:
    """Keep the hash of each instance, which is frozen."""
    compute = cls.__hash__

    def kept(self: T) -> int:
        try:
            known: int = self._hash  # type: ignore[attr-defined]
        except AttributeError:
            known = compute(self)
            object.__setattr__(self, "_hash", known)
        return known

    cls.__hash__ = kept  # type: ignore[method-assign, assignment]
    return cls


@dataclass(frozen=True, slots=True)
class Unknown(Single):
    """A value that is not known; nothing is reported about it."""


@dataclass(frozen=True, slots=True)
class Union:
    """One of several values.

    Attributes:
        members: The values, by which unions are compared.
        ordered: The values in the order in which they were found, so that every run evaluates in the same order.
    """

    members: frozenset[Single]
    ordered: tuple[Single, ...] = field(compare=False)

    @property
    def depth(self) -> int:
        """How deep values are nested in it."""
        return max(map(deep, self.ordered), default=0)


if TYPE_CHECKING:
    Value: TypeAlias = Single | Union

UNKNOWN = Unknown()


def deep(value: Value) -> int:
    """Return how deep values are nested in one."""
    return value.depth


def each(value: Value) -> Iterable[Single]:
    """Return the members of a union; of any other value, the value itself."""
    return value.ordered if isinstance(value, Union) else (value,)


def _all(values: Iterable[Value]) -> Iterator[Single]:
    for value in values:
        if isinstance(value, Union):
            yield from value.ordered
        else:
            yield value


def join(*values: Value) -> Value:
    """Return the union of several values; more than eight are unknown."""
    if len(values) == 1:
        return values[0]
    members = tuple(dict.fromkeys(_all(values)))
    if len(members) == 1:
        return members[0]
    if not members or len(members) > _MAX_MEMBERS:
        return UNKNOWN
    return Union(frozenset(members), members)


def join_known(values: Iterable[Value]) -> Value:
    """Return the union of the known ones of several values; unknown where none is known.

    What is not known counts beside ``None``, truth values and numbers alone: else a test of them would be decided, and one
    branch would count as never reached.
    """
    several = tuple(values)
    known = [value for value in several if type(value) is not Unknown]
    if len(known) < len(several) and all(member.decides for member in _all(known)):
        return join(*known, UNKNOWN)
    if len(known) == 1:
        return known[0]
    return join(*known) if known else UNKNOWN


def shallow(value: Value) -> Value:
    """Return a value, or unknown where it is nested too deeply to be passed on."""
    return UNKNOWN if value.depth > _MAX_DEPTH else value
