"""Recursion: which evaluations are under way, and which results depend on one that is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ginger_async_safe.lint.domain.kinds import Limit

__all__ = ["Recursion"]

_MAX_DEPTH = 45  # functions that call one another: findings below are rare, and recursion through data has no other end


class Recursion:
    """The evaluations that are under way, each inside the one before it.

    An evaluation that is met again inside itself has an empty result there. So the results of the evaluations between the
    two depend on one that is not done: they are provisional, and kept until it is done. The same is true of parts of
    evaluations: what memos find out, such as the value of a name.

    Attributes:
        forgets: Whether provisional results are forgotten in time; not where there is no budget for computing them again.
        limits: The limits that cut the current evaluation short, or one inside it.
    """

    __slots__ = ("_depths", "_interrupted", "_kept", "_outermost", "_parts", "forgets", "limits")

    def __init__(self) -> None:
        self.forgets: bool = True
        self.limits: frozenset[Limit] = frozenset()
        self._parts: int = 0
        self._depths: dict[Hashable, int] = {}
        self._outermost: int = sys.maxsize  # the depth of the outermost evaluation that the current one depends on
        self._interrupted: list[int] = []  # the same for each evaluation around the current one
        self._kept: dict[int, list[tuple[dict[Any, Any], Hashable]]] = {}  # provisional results, by what they depend on

    @property
    def is_too_deep(self) -> bool:
        """Whether no evaluation may begin inside the current one."""
        return len(self._depths) - self._parts > _MAX_DEPTH

    def has(self, evaluation: Hashable) -> bool:
        """Return whether an evaluation is under way."""
        return evaluation in self._depths

    def meets(self, evaluation: Hashable) -> bool:
        """Return whether an evaluation is under way; then the current one depends on it."""
        depth = self._depths.get(evaluation)
        if depth is None:
            return False
        self._outermost = min(self._outermost, depth)
        return True

    def cut(self, limit: Limit) -> None:
        """Note that an evaluation does not begin, so that all that are under way depend on what is not done."""
        self._outermost = 0
        self.limits |= {limit}

    def begin(self, evaluation: Hashable) -> None:
        """Begin an evaluation inside the current one."""
        self._depths[evaluation] = len(self._depths)
        self._interrupted.append(self._outermost)
        self._outermost = sys.maxsize

    def end(self) -> int | None:
        """End the current evaluation.

        Returns:
            The depth of the outermost evaluation that its result depends on and that is still under way; ``None`` where
            there is none.
        """
        self._depths.popitem()
        ended, depends_on = len(self._depths), self._outermost
        self._outermost = min(self._interrupted.pop(), depends_on)
        if depends_on < ended:
            return depends_on
        if self._kept and self.forgets:
            self._forget(ended)
        return None

    def begin_part(self, part: Hashable) -> None:
        """Begin to find out something inside the current evaluation, which does not count for the depth."""
        self._parts += 1
        self.begin(part)

    def end_part(self) -> int | None:
        """End it; see :meth:`end`."""
        self._parts -= 1
        return self.end()

    def keep(self, results: dict[Any, Any], key: Hashable, result: object, depends_on: int) -> None:
        """Keep a provisional result until what it depends on is done.

        Args:
            results: Where it is kept.
            key: Its key there.
            result: The result.
            depends_on: The depth of the outermost evaluation that it depends on.
        """
        results[key] = result
        self._kept.setdefault(depends_on, []).append((results, key))

    def forget_provisional(self) -> None:
        """Forget all provisional results."""
        self._forget(0)

    def _forget(self, depth: int) -> None:
        for each in [each for each in self._kept if each >= depth]:
            for results, key in self._kept.pop(each):
                results.pop(key, None)
