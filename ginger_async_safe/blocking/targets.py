"""Finding what a dotted name leads to, and putting something else in its place."""

from __future__ import annotations

import ctypes
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
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
        owner = getattr(owner, part.removesuffix("()"), None)
        if owner is None:
            return None
        if part.endswith("()"):
            owner = _made_by(owner)
    if isinstance(owner, type):  # the class that has it itself
        owner = next((kind for kind in owner.__mro__ if name in vars(kind)), owner)
    value = vars(owner).get(name) if hasattr(owner, "__dict__") else None
    return None if value is None else Target(owner, name, value)


def _made_by(maker: Callable[[], Any]) -> type:
    """Return the class of what a callable makes, which may have to be closed."""
    with ExitStack() as stack:
        made = maker()
        if hasattr(made, "close"):
            stack.callback(made.close)
        return type(made)


def _set_in_class(owner: type, name: str, value: object) -> None:
    """Set an attribute of a class, also of one that is written in C: then its flag has to say for a moment that it may be.

    Python's own ``type.__setattr__`` does it, which also sets the slots of special methods, and sets them back to the
    very functions in C when it is given what was there before.
    """
    try:
        type.__setattr__(owner, name, value)
    except TypeError:
        if sys.implementation.name != "cpython":
            raise
        flags = ctypes.c_ulong.from_address(id(owner) + _OFFSET_OF_FLAGS)
        if flags.value != owner.__flags__:
            raise
        flags.value &= ~_IS_IMMUTABLE
        try:
            type.__setattr__(owner, name, value)
        finally:
            flags.value |= _IS_IMMUTABLE


_OFFSET_OF_FLAGS = object.__basicsize__ + 19 * ctypes.sizeof(ctypes.c_void_p)
"""Where a type has its ``tp_flags``: after the object's head, its size and 18 members (``Include/cpython/object.h``)."""

_IS_IMMUTABLE = 1 << 8
"""``Py_TPFLAGS_IMMUTABLETYPE``."""
