"""How much the interpreter evaluates: limits without which large programs would take hours."""

from __future__ import annotations

__all__ = ["MAX_DEPTH", "Budget"]

MAX_DEPTH = 45
"""How many functions may call one another: findings below are rare, and recursion through data has no other end."""

_MAX_OF_ENTRY = 1_500  # function evaluations for one entry point; few need more than a hundred
_MAX_OF_MODULE = 15_000  # for all entry points of one module: later ones get what is left
_MIN_OF_ENTRY = 25  # so that each entry point is evaluated to some depth


class Budget:
    """How many functions may still be evaluated.

    Attributes:
        left: How many for the current entry point.
        is_exceeded: Whether it ran out for an entry point of the current module.
    """

    __slots__ = ("_granted", "_left_of_module", "is_exceeded", "left")

    def __init__(self) -> None:
        self.left: int = _MAX_OF_ENTRY
        self.is_exceeded: bool = False
        self._granted: int = _MAX_OF_ENTRY
        self._left_of_module: int = _MAX_OF_MODULE

    def begin(self, limit: int = _MAX_OF_ENTRY) -> None:
        """Begin with the next entry point.

        Args:
            limit: How many functions may be evaluated for it.
        """
        self._left_of_module -= self._granted - self.left
        self._granted = self.left = max(min(limit, self._left_of_module), _MIN_OF_ENTRY)

    def begin_module(self) -> None:
        """Begin with the next module."""
        self._granted = self.left
        self._left_of_module = _MAX_OF_MODULE
        self.is_exceeded = False

    def spend(self) -> None:
        """Count one evaluation."""
        self.left -= 1
        self.is_exceeded |= not self.left
