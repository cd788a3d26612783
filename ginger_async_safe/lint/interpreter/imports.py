"""What modules have done once they are imported: caches that they fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import Unknown, each, join
from ginger_async_safe.lint.domain.values import SOMETHING, Constant

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value

__all__ = ["after_import"]


def after_import(value: Value) -> Value:
    """Return the value of a name that has been set."""
    kept = [member for member in each(value) if not (isinstance(member, Constant) and not member.value)]
    return join(*(SOMETHING if isinstance(member, Unknown) else member for member in kept)) if kept else SOMETHING
