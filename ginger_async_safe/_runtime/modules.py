"""Read the modules that a program has imported, without triggering an import.

Reading an attribute of a module may import something: the attribute may be a lazy import (PEP 810), the module may have
a ``__getattr__`` (PEP 562), or may itself be loaded at its first use (:class:`importlib.util.LazyLoader`). Reading the
module's namespace runs no code.
"""

from __future__ import annotations

import sys
import types
from types import ModuleType
from typing import Any

from ginger_async_safe._runtime.heap import referents

__all__ = ["attribute", "is_lazy", "is_module", "leads_to", "namespace", "resolve_own"]

_LAZY: type | None = getattr(types, "LazyImportType", None)
_NAMESPACE: Any = vars(ModuleType)["__dict__"]  # bypasses overrides of __dict__ and __getattribute__
_PARTS_OF_FROM = (
    2  # ``lazy from json import loads`` holds the module and the name, ``lazy import json`` the module alone
)


def is_module(value: object) -> bool:
    """Return whether something is a module, without reading its ``__class__``."""
    return issubclass(type(value), ModuleType)


def namespace(module: ModuleType) -> dict[str, Any]:
    """Return a module's namespace as it is now, without loading a lazily loaded module."""
    found: dict[str, Any] = _NAMESPACE.__get__(module)
    return found


def is_lazy(value: object) -> bool:
    """Return whether a value in a namespace is a lazy import that has not run yet."""
    return type(value) is _LAZY


def leads_to(value: object) -> str:
    """Return the dotted name of what a lazy import will bind: a module, or a name in one.

    Only the ``repr`` has it, and that does not show that ``lazy import xml.dom`` binds ``xml``.
    """
    name = repr(value).removeprefix("<lazy_import '").removesuffix("'>")
    parts = [part for part in referents(value) if type(part) is str or is_lazy(part)]
    return name if len(parts) == _PARTS_OF_FROM else name.partition(".")[0]


def attribute(module: str, name: str) -> Any | None:  # noqa: ANN401 - whatever the module has
    """Return an attribute of an imported module, or ``None`` where the module or the attribute does not exist yet."""
    found = sys.modules.get(module)
    value = namespace(found).get(name) if found is not None and is_module(found) else None
    return None if is_lazy(value) else value


def resolve_own() -> None:
    """Resolve the lazy imports of this library's own modules, which exist under ``-X lazy_imports=all``.

    Checks may run in the middle of an import, possibly of the very module that they would have to import.
    """
    pending = True
    while _LAZY is not None and pending:
        pending = False
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "ginger_async_safe" and is_module(module):
                for key in [key for key, value in namespace(module).items() if is_lazy(value)]:
                    getattr(module, key)
                    pending = True
