"""What the doors know of GingerDJ and Django: the names in which the two differ."""

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
    """One framework.

    Attributes:
        package: The package that it is imported as.
        title: Its name, as people write it.
        hatch: The variable that opens the framework's own guard.
        door: The package of this library that takes the guard over.
        error: What a violation raises: this library's error and the framework's in one.
    """

    package: str
    title: str
    hatch: str
    door: str
    error: type[SynchronousOnlyOperation]

    def module(self, name: str) -> ModuleType:
        """Import a module of the framework by its name below the package."""
        return import_module(f"{self.package}.{name}")

    @property
    def version(self) -> str:
        """The version that is installed."""
        version: str = import_module(self.package).get_version()
        return version
