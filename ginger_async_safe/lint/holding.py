"""What a registry is, with what others have put into it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.values import UNKNOWN, Collection, TupleValue, each, join, join_known

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["with_held"]


def with_held(machine: Machine, key: str, value: Value) -> Value:
    """Return what a registry is, with what others have put into it."""
    held = machine.held.get(key)
    inner = machine.held.get(f"{key}[]")
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
