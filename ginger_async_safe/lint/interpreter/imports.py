"""What modules have done once they are imported: caches that they fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import Unknown, each, join
from ginger_async_safe.lint.domain.values import SOMETHING, Constant

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.values import FunctionValue
    from ginger_async_safe.lint.source.project import Module

__all__ = ["Imports", "after_import"]


class Imports:
    """What modules have done once they are imported.

    Attributes:
        cached: The functions with a cache that have been called without arguments.
        names: The names of modules that have been set by a function, which does so where they are not set yet.
    """

    __slots__ = ("cached", "names")

    def __init__(self) -> None:
        self.cached: set[FunctionValue] = set()
        self.names: set[tuple[Module, str]] = set()

    def told(self) -> list[str]:
        """Return all names, in order."""
        return sorted(
            [*(function.name for function in self.cached), *(f"{module.name}.{name}" for module, name in self.names)]
        )


def after_import(value: Value) -> Value:
    """Return the value of a name that has been set."""
    kept = [member for member in each(value) if not (isinstance(member, Constant) and not member.value)]
    return join(*(SOMETHING if isinstance(member, Unknown) else member for member in kept)) if kept else SOMETHING
