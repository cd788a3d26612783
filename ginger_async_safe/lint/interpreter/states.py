"""States: what a function knows at a point, and where several ways meet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.bases import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame

__all__ = ["Names", "State", "joined", "met"]

Names = dict[str, "Value"]


class State(NamedTuple):
    """What a frame knows at a point of its function.

    Attributes:
        names: What names are bound to.
        attributes: What attributes of the receiver were set to on this way; others are what any method sets them to.
    """

    names: Names
    attributes: Names

    @classmethod
    def of(cls, frame: Frame) -> State:
        """Return the state of a frame; it changes with the frame, until that begins or resumes at another."""
        return cls(frame.scope.names, frame.attributes_now)

    def begin(self, frame: Frame) -> None:
        """Go on from here, and keep this state as it is, for another way that begins here too."""
        frame.scope.names = dict(self.names)
        frame.attributes_now = dict(self.attributes)

    def resume(self, frame: Frame) -> None:
        """Go on from here, where no other way begins."""
        frame.scope.names, frame.attributes_now = self

    def or_else(self, other: State, kept: frozenset[str] = frozenset()) -> State:
        """Return the state where this way meets another.

        Args:
            other: The state at the end of the other way.
            kept: The attributes that count as set although one of the ways did not set them.
        """
        attributes = joined(self.attributes, other.attributes)
        one_sided = self.attributes.keys() ^ other.attributes.keys()
        if not one_sided <= kept:
            attributes = {name: value for name, value in attributes.items() if name in kept or name not in one_sided}
        return State(joined(self.names, other.names), attributes)


def met(ends: Sequence[State], otherwise: State, kept: frozenset[str] = frozenset()) -> State:
    """Return the state where several ways meet; another where none reaches that point."""
    return functools.reduce(lambda first, second: first.or_else(second, kept), ends) if ends else otherwise


def joined(first: Names, second: Names) -> Names:
    """Return what names are bound to where two ways meet: the first of two that are the same."""
    both = first
    for name, value in second.items():
        mine = first.get(name)
        if mine is value or mine == value:
            continue
        if both is first:
            both = dict(first)
        both[name] = value if mine is None else join(mine, value)
    return both
