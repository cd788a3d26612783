"""Generalising: arguments without the details that would make every call of a function a new one.

Libraries pass addresses, headers and numbers from function to function; what they do does not depend on them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.values import Collection, Constant, TupleValue

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.scopes import Arguments

__all__ = ["generalised"]

_MAX_WORD = 10  # characters of a name by which a function may decide what to do, such as "GET"


def generalised(arguments: Arguments) -> Arguments:
    """Return arguments without texts and numbers, except for words; flags and ``None`` stay."""
    return arguments._replace(
        positional=tuple(map(_generalised, arguments.positional)),
        named=tuple((name, _generalised(value)) for name, value in arguments.named),
    )


def _generalised(value: Value) -> Value:
    if isinstance(value, Constant):
        return value if value.value is None or isinstance(value.value, bool) or _is_word(value.value) else UNKNOWN
    if isinstance(value, TupleValue):
        return TupleValue(tuple(map(_generalised, value.items)))
    if isinstance(value, Collection):
        return replace(value, keyed=()) if value.keyed else value
    return value


def _is_word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_WORD and value.isidentifier()
