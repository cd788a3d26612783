"""Finding what a dotted name leads to, and putting something else in its place."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import ModuleType

__all__ = ["Target", "resolve"]


class Target(NamedTuple):
    """An attribute, as its owner has it.

    Attributes:
        owner: The module or class.
        name: The attribute's name.
        value: What the owner's own namespace holds: a function, or the descriptor of a method.
    """

    owner: Any
    name: str
    value: Any

    def replace(self, value: object) -> None:
        """Have the owner hold something else under the name."""
        if isinstance(self.owner, type):
            _set_in_class(self.owner, self.name, value)
        else:
            setattr(self.owner, self.name, value)

    def current(self) -> object:
        """Return what the owner's own namespace holds now."""
        return vars(self.owner).get(self.name)


def _home_of(target: str) -> tuple[ModuleType | None, str]:
    """Return the module that a target is in, where the program has imported it, and the target's name in there."""
    module, _, name = target.rpartition(".")
    while module and module not in sys.modules:
        module, _, outer = module.rpartition(".")
        name = f"{outer}.{name}"
    return sys.modules.get(module), name


def resolve(target: str) -> Target | None:
    """Follow a dotted name, in modules that are imported already; ``None`` where it leads nowhere."""
    owner: Any
    owner, inside = _home_of(target)
    if owner is None:
        return None
    *path, name = inside.split(".")
    for part in path:
        owner = getattr(owner, part, None)
        if owner is None:
            return None
    value = vars(owner).get(name) if hasattr(owner, "__dict__") else None
    return None if value is None else Target(owner, name, value)


def _set_in_class(owner: type, name: str, value: object) -> None:
    try:
        setattr(owner, name, value)
    except TypeError:  # a class written in C, which refuses; its namespace does not
        namespace: MutableMapping[str, Any] = gc.get_referents(vars(owner))[0]
        namespace[name] = value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))
