"""The contents of registries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join, join_known
from ginger_async_safe.lint.domain.values import Collection, TupleValue

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["with_held"]


def with_held(interpreter: Interpreter, key: str, value: Value) -> Value:
    """Return a registry with what was registered in it."""
    held = interpreter.held.get(key)
    inner = interpreter.held.get(f"{key}[]")
    if inner:  # in the lists that it holds
        held = [*(held or ()), Collection("list", join_known(inner))]
    if not held:
        return value
    return join(*(_filled(member, held) for member in each(value)))


def _filled(value: Value, held: list[Value]) -> Value:
    if isinstance(value, TupleValue):
        return Collection("list", join_known([*value.items, *held]))
    if isinstance(value, Collection) and value.values is not None:
        return replace(value, values=join_known([value.values, *held]), keyed=())
    if isinstance(value, Collection):
        both = join_known([value.elements, *held])
        return replace(value, elements=UNKNOWN if value.kind == "dict" else both, values=both)
    return value
