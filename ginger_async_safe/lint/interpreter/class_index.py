"""The index of classes: which classes of a program may be derived from one, or have certain methods, by names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ginger_async_safe.lint.source.entry_points import ClassFact
    from ginger_async_safe.lint.source.project import Module

__all__ = ["ClassIndex", "is_of_tests"]

_TESTS = frozenset({"conftest", "test", "testing", "tests"})


def is_of_tests(module: Module) -> bool:
    """Return whether a module belongs to a program's tests, by its name."""
    return any(part in _TESTS or part.startswith("test_") for part in module.name.split("."))


class ClassIndex:
    """The classes of a program, by the names of their bases and methods.

    Names may mislead: whoever asks has to compare the classes themselves.
    """

    def __init__(self) -> None:
        self._by_base: dict[str, list[tuple[Module, str]]] = {}
        self._by_method: dict[str, dict[tuple[Module, str], None]] = {}
        self._protocols: list[tuple[Module, ClassFact]] = []

    def add(self, module: Module, classes: Iterable[ClassFact]) -> None:
        """Add the classes of a module."""
        for each in classes:
            key = (module, each.name)
            for base in each.bases:
                self._by_base.setdefault(base, []).append(key)
            for method in each.methods:
                self._by_method.setdefault(method, {})[key] = None
            if "Protocol" in each.bases:
                self._protocols.append((module, each))

    def with_base(self, name: str) -> list[ClassValue]:
        """Return the classes that have a base of a name, without the module or class that it is in."""
        return [ClassValue(*key) for key in self._by_base.get(name, ())]

    def with_methods(self, names: Iterable[str]) -> list[ClassValue]:
        """Return the classes that themselves define all of certain methods."""
        return [ClassValue(*key) for key in self._defining(names)]

    def _defining(self, names: Iterable[str]) -> Iterator[tuple[Module, str]]:
        fewest, *others = sorted((self._by_method.get(name, {}) for name in names), key=len)
        return (key for key in fewest if all(key in other for other in others))

    def structural_matches(self) -> Iterator[tuple[str, ...]]:
        """Yield the dotted name of each protocol, with those of the classes that define its methods."""
        for module, protocol in self._protocols:
            if protocol.methods:
                names = sorted(f"{other.name}.{name}" for other, name in self._defining(protocol.methods))
                yield (f"{module.name}.{protocol.name}", *names)
