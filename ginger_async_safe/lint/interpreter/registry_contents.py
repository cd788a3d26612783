"""The contents of registries: what modules put into them when they are imported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join, join_known
from ginger_async_safe.lint.domain.registrations import Registration
from ginger_async_safe.lint.domain.values import ClassValue, Collection, FunctionValue, Instance, TupleValue, TypeForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.source.project import Module

__all__ = ["Registries", "with_contents"]


class Registries:
    """The registries of a program, and what they hold.

    Attributes:
        modules: The modules that may have registries.
        names: The last parts of the dotted names of those that hold something.
        is_recording: Whether a module is evaluated for what it registers.
    """

    def __init__(self) -> None:
        self.modules: set[Module] = set()
        self.names: set[str] = set()
        self.is_recording: bool = False
        self._contents: dict[str, list[Value]] = {}
        self._recorded: list[Registration] = []

    def begin_recording(self) -> None:
        """Begin with a module that is evaluated for what it registers."""
        self.is_recording = True
        self._recorded = []

    def end_recording(self) -> list[Registration]:
        """Return what was registered since recording began."""
        self.is_recording = False
        return self._recorded

    def record(self, registry: str, value: Value) -> None:
        """Add functions and classes to a registry, and record those that are new in it.

        Args:
            registry: The dotted name of the registry.
            value: What is added.
        """
        for each_value in each(value):
            member = each_value.origin if isinstance(each_value, TypeForm) else each_value
            if isinstance(member, FunctionValue):
                added = Registration(registry, member.module.name, member.qualname, member.line, is_class=False)
            elif isinstance(member, ClassValue) and member.scope is None:
                added = Registration(registry, member.module.name, member.qualname, 0, is_class=True)
            else:
                continue
            if self.add(registry, member):
                self._recorded.append(added)

    def add(self, registry: str, value: Value) -> bool:
        """Add a value to a registry, and return whether it is new in it."""
        contents = self._contents.setdefault(registry, [])
        if value in contents:
            return False
        contents.append(value)
        self.names.add(registry.partition("[")[0].rpartition(".")[2])
        return True

    def filled(self, registry: str, value: Value) -> Value:
        """Return the value of a registry with what was registered in it."""
        contents = self._contents.get(registry)
        inner = self._contents.get(f"{registry}[]")
        if inner:  # in the lists that it holds
            contents = [*(contents or ()), Collection("list", join_known(inner))]
        if not contents:
            return value
        return join(*(with_contents(member, contents) for member in each(value)))


def with_contents(value: Value, contents: Iterable[Value]) -> Value:
    """Return a container with what was put into it; any other value as it is."""
    if isinstance(value, TupleValue):
        return Collection("list", join_known([*value.items, *contents]))
    if isinstance(value, Collection) and value.values is not None:
        return replace(value, values=join_known([value.values, *contents]), keyed=())
    if isinstance(value, Collection):
        both = join_known([value.elements, *contents])
        return replace(value, elements=UNKNOWN if value.kind == "dict" else both, values=both)
    if isinstance(value, Instance):  # a queue
        return replace(value, elements=join_known([value.elements or UNKNOWN, *contents]))
    return value
