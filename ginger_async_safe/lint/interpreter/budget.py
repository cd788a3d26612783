"""How much the interpreter evaluates: limits without which large programs would take hours."""

from __future__ import annotations

__all__ = ["Budget"]

_MAX_OF_ENTRY = 1_500  # function evaluations for one entry point; few need more than a hundred
_MAX_OF_MODULE = 15_000  # for all entry points of one module: later ones get what is left
_MIN_OF_ENTRY = 25  # so that each entry point is evaluated to some depth


class Budget:
    """How many functions may still be evaluated.

    Attributes:
        is_exceeded: Whether it ran out for an entry point of the current module.
    """

    __slots__ = ("_granted", "_left", "_left_of_module", "is_exceeded")

    def __init__(self) -> None:
        self.is_exceeded: bool = False
        self._granted: int = _MAX_OF_ENTRY
        self._left: int = _MAX_OF_ENTRY
        self._left_of_module: int = _MAX_OF_MODULE

    @property
    def is_spent(self) -> bool:
        """Whether no function may be evaluated for the current entry point any more."""
        return self._left <= 0

    def begin(self, limit: int = _MAX_OF_ENTRY) -> None:
        """Begin with the next entry point.

        Args:
            limit: How many functions may be evaluated for it.
        """
        self._left_of_module -= self._granted - self._left
        self._granted = self._left = max(min(limit, self._left_of_module), _MIN_OF_ENTRY)

    def begin_module(self) -> None:
        """Begin with the next module."""
        self._granted = self._left
        self._left_of_module = _MAX_OF_MODULE
        self.is_exceeded = False

    def spend(self) -> None:
        """Count one evaluation."""
        self._left -= 1
        self.is_exceeded |= not self._left
