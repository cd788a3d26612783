"""Recursion: which evaluations are under way, and which results depend on one that is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Recursion"]

_MAX_DEPTH = 45  # functions that call one another: findings below are rare, and recursion through data has no other end


class Recursion:
    """The evaluations that are under way, each inside the one before it.

    An evaluation that is met again inside itself has an empty result there. So the results of the evaluations between the
    two depend on one that is not done, and hold no longer than it is under way.
    """

    __slots__ = ("_depths", "_interrupted", "_outermost")

    def __init__(self) -> None:
        self._depths: dict[Hashable, int] = {}
        self._outermost: int = sys.maxsize  # the depth of the outermost evaluation that the current one depends on
        self._interrupted: list[int] = []  # the same for each evaluation around the current one

    @property
    def is_too_deep(self) -> bool:
        """Whether no evaluation may begin inside the current one."""
        return len(self._depths) > _MAX_DEPTH

    def meets(self, evaluation: Hashable) -> bool:
        """Return whether an evaluation is under way; then the current one depends on it."""
        depth = self._depths.get(evaluation)
        if depth is None:
            return False
        self._outermost = min(self._outermost, depth)
        return True

    def cut(self) -> None:
        """Note that an evaluation does not begin, so that all that are under way depend on what is not done."""
        self._outermost = 0

    def begin(self, evaluation: Hashable) -> None:
        """Begin an evaluation inside the current one."""
        self._depths[evaluation] = len(self._depths)
        self._interrupted.append(self._outermost)
        self._outermost = sys.maxsize

    def end(self) -> bool:
        """End the current evaluation, and return whether its result depends on one that is still under way."""
        self._depths.popitem()
        is_dependent = self._outermost < len(self._depths)
        self._outermost = min(self._interrupted.pop(), self._outermost)
        return is_dependent
