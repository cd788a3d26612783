"""Resolving dotted names to attributes, and replacing these."""

from __future__ import annotations

import struct
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._runtime.interpreter import module_if_allowed
from ginger_async_safe._runtime.modules import is_lazy, is_module, leads_to, namespace

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["IS_IMMUTABLE", "Provided", "Target", "Trail", "follow", "is_deferred", "resolve"]


class Target(NamedTuple):
    """An attribute in the namespace of its holder.

    Attributes:
        holder: The module or class that has the attribute.
        name: The attribute's name.
        value: Its value in the holder's own namespace: a function, or the descriptor of a method.
    """

    holder: Any
    name: str
    value: Any

    def replace(self, value: object) -> None:
        """Set another value for the attribute."""
        if isinstance(self.holder, type):
            _set_in_class(self.holder, self.name, value)
        else:
            setattr(self.holder, self.name, value)

    def current(self) -> object:
        """Return the current value in the holder's own namespace."""
        return vars(self.holder).get(self.name)


class Trail(NamedTuple):
    """How far a dotted name can be resolved with the modules that the program has imported.

    Attributes:
        names: The name, and the names that it becomes through lazy imports (PEP 810): all under which it may be found.
        holder: The module or class that has the last part; ``None`` if the name cannot be resolved so far.
        name: The last part.
        waits_in: The module that lacks an attribute now, and may have it later.
        waits_for: That attribute, which the ``__getattr__`` of the module may make (PEP 562); empty if the module itself
            is loaded at its first use.
    """

    names: tuple[str, ...] = ()
    holder: Any = None
    name: str = ""
    waits_in: ModuleType | None = None
    waits_for: str = ""


class Provided(NamedTuple):
    """An attribute that the ``__getattr__`` of a module has returned."""

    module: ModuleType
    name: str
    value: object


def follow(target: str, provided: Provided | None = None) -> Trail:
    """Resolve a dotted name in modules that are imported already. Nothing is imported for it.

    Args:
        target: The dotted name.
        provided: An attribute of a module that need not be in its namespace.
    """
    names: list[str] = []
    while target not in names:  # lazy imports may be circular
        names.append(target)
        found = _steps(target, provided)
        if isinstance(found, Trail):
            return found._replace(names=tuple(names))
        target = found
    return Trail(tuple(names))


def _steps(target: str, provided: Provided | None) -> Trail | str:
    """Resolve a dotted name up to its end, or up to a lazy import: then return the name that continues from there."""
    holder: Any
    holder, parts = _home_of(target)
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        held = _held(holder, part.removesuffix("()"), provided)
        if is_lazy(held):
            return ".".join([leads_to(held), *parts[at + 1 :]])
        if held is _MISSING and is_module(holder):
            if is_deferred(holder):
                return Trail(waits_in=holder)
            # What looks like the name of a module is waited for as a module.
            if "__getattr__" in namespace(holder) and (is_last or part != part.lower()):
                return Trail(waits_in=holder, waits_for=part)
        if is_last:
            return Trail(holder=holder, name=part)
        if held is _MISSING or held is None:
            return Trail()
        holder = _made_by(held) if part.endswith("()") else held
    return Trail()


def resolve(target: str, provided: Provided | None = None) -> Target | None:
    """Resolve a dotted name in modules that are imported already; ``None`` if it cannot be resolved.

    Nothing is imported, nor is a lazy import resolved. The arguments are those of :func:`follow`.
    """
    trail = follow(target, provided)
    holder, name = trail.holder, trail.name
    if holder is None:
        return None
    if isinstance(holder, type):  # the class of its bases that has it
        holder = next((kind for kind in holder.__mro__ if name in vars(kind)), holder)
    value = _held(holder, name, provided) if is_module(holder) else getattr(holder, "__dict__", {}).get(name)
    return None if value is None or value is _MISSING else Target(holder, name, value)


def is_deferred(module: ModuleType) -> bool:
    """Return whether a module is loaded at its first use, and has not been used yet."""
    kind = type(module)
    return (kind.__module__, kind.__name__) == ("importlib.util", "_LazyModule")


def _home_of(target: str) -> tuple[ModuleType | None, list[str]]:
    """Return the module of a target, if the program has imported it, and the remaining parts of the name."""
    module, _, name = target.rpartition(".")
    while module and module not in sys.modules:
        module, _, outer = module.rpartition(".")
        name = f"{outer}.{name}"
    return sys.modules.get(module), name.split(".")


def _held(holder: Any, name: str, provided: Provided | None) -> Any:  # noqa: ANN401 - values of any type
    """Return the value that a module, a class or another object has under a name."""
    if holder is None:
        return _MISSING
    if is_module(holder):
        found = namespace(holder).get(name, _MISSING)
        is_made = found is _MISSING and provided is not None and provided[:2] == (holder, name)
        return provided.value if provided is not None and is_made else found
    if isinstance(holder, type):
        return next((vars(kind)[name] for kind in holder.__mro__ if name in vars(kind)), _MISSING)
    return getattr(holder, name, _MISSING)


_MISSING = object()


def _made_by(maker: Callable[[], Any]) -> type:
    """Return the class of the object that a callable returns; the object is closed if it has ``close``."""
    with ExitStack() as stack:
        made = maker()
        if hasattr(made, "close"):
            stack.callback(made.close)
        return type(made)


def _set_in_class(holder: type, name: str, value: object) -> None:
    """Set an attribute of a class. For a class written in C, its flag for immutability is cleared for a moment.

    Python's own ``type.__setattr__`` also sets the slots of special methods, and restores the original C functions when
    it is given the original value.
    """
    try:
        type.__setattr__(holder, name, value)
    except TypeError:
        ctypes = module_if_allowed("ctypes") if sys.implementation.name == "cpython" else None
        if ctypes is None:
            raise
        flags = ctypes.c_ulong.from_address(id(holder) + _OFFSET_OF_FLAGS)
        if flags.value != holder.__flags__:
            raise
        try:
            flags.value &= ~IS_IMMUTABLE
            type.__setattr__(holder, name, value)
        finally:
            flags.value |= IS_IMMUTABLE


_OFFSET_OF_FLAGS = object.__basicsize__ + 19 * struct.calcsize("P")
"""Where a type has its ``tp_flags``: after the object's head, its size and 18 members (``Include/cpython/object.h``)."""

IS_IMMUTABLE = 1 << 8
"""``Py_TPFLAGS_IMMUTABLETYPE``."""
