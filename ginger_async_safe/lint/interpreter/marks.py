"""Marks: the functions and methods that are marked as blocking elsewhere than by a decorator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Marks"]


class Marks:
    """What the settings and ``async_unsafe.guard`` mark.

    Args:
        patterns: The patterns of the settings, with the fix of each.

    Attributes:
        guarded: The fixes of the methods that ``async_unsafe.guard`` marks, by the dotted names of their class, and theirs.
    """

    def __init__(self, patterns: Sequence[tuple[str, str]]) -> None:
        self._patterns = [(Patterns(pattern), fix) for pattern, fix in patterns]
        self.guarded: dict[tuple[str, str], str] = {}

    def fix_in_settings(self, name: str) -> str | None:
        """Return the fix of a function that the settings mark, or ``None`` where they do not mark it."""
        return next((fix for pattern, fix in self._patterns if pattern.match(name)), None)

    def fix_of_guarded(self, cls: str, name: str) -> str | None:
        """Return the fix of a method that ``async_unsafe.guard`` marks, or ``None`` where it does not mark it."""
        return self.guarded.get((cls, name))
