"""The differences between GingerDJ and Django: the names that each one uses."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from ginger_async_safe.exceptions import SynchronousOnlyOperation

__all__ = ["Framework"]


@dataclass(frozen=True)
class Framework:
    """A supported framework.

    Attributes:
        package: Its import name.
        title: Its name in prose.
        hatch: The environment variable that disables the framework's own guard.
        door: The package of this library that replaces the guard.
        error: The class that a violation raises, derived from this library's error and the framework's.
    """

    package: str
    title: str
    hatch: str
    door: str
    error: type[SynchronousOnlyOperation]

    def module(self, name: str) -> ModuleType:
        """Import a module of the framework, named relative to its package."""
        return import_module(f"{self.package}.{name}")

    @property
    def version(self) -> str:
        """The installed version."""
        version: str = import_module(self.package).get_version()
        return version
