"""Noticing that a program imports a module that rules wait for, and that a module lacks what a rule names."""

from __future__ import annotations

import functools
import itertools
import sys
import warnings
from typing import TYPE_CHECKING, Any

from ginger_async_safe.exceptions import ConfigurationWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["Finder", "tell_what_vanished"]


class Finder:
    """An import finder that finds nothing itself: it has the rules applied to what others find.

    Args:
        imported: Called with the rules that waited for a module, after it was imported, in the importing thread.
    """

    def __init__(self, imported: Callable[[list[BlockingCall]], None]) -> None:
        self._imported = imported
        self._awaited: dict[str, list[BlockingCall]] = {}

    def wait_for(self, rules: Iterable[BlockingCall]) -> None:
        """Wait for the modules of these rules, and for no others."""
        awaited: dict[str, list[BlockingCall]] = {}
        for rule in rules:
            for name in _prefixes(rule.target):
                awaited.setdefault(name, []).append(rule)
        self._awaited = awaited

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing, but have those who find a module that is waited for say when it is loaded."""
        rules = self._awaited.get(name)
        if rules is None:
            return None
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                _then(spec, functools.partial(self._imported, rules))
                return spec
        return None


def _then(spec: ModuleSpec, call: Callable[[], None]) -> None:
    """Have a module's loader call something after it has loaded the module; once."""
    loader: Any = spec.loader
    if isinstance(loader, type) or not hasattr(loader, "exec_module"):
        return  # of a module that is built in: all of those that rules name are imported early
    load = loader.exec_module

    @functools.wraps(load)
    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        load(module)
        call()

    loader.exec_module = exec_module


@functools.lru_cache(maxsize=1024)
def _prefixes(target: str) -> tuple[str, ...]:
    """Return the names that may be those of the target's module or of a package around it."""
    parts = target.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)))


@functools.lru_cache(maxsize=1024)
def _module_of(target: str) -> str:
    """Return the name of the target's module: what comes before the first name that is, by its looks, a class."""
    *path, _ = target.split(".")
    return ".".join(itertools.takewhile(lambda part: part.lower() == part and not part.endswith("()"), path))


def tell_what_vanished(rule: BlockingCall) -> None:
    """Warn once of a rule whose module is there, without what the rule names."""
    module = _module_of(rule.target)
    if module in sys.modules and rule not in _told and not _is_being_imported(module):
        _told.add(rule)
        msg = f"the rule {rule.id!r} is skipped: {module} has no {rule.target.removeprefix(module + '.')} (any more)"
        warnings.warn(msg, ConfigurationWarning, stacklevel=2)


_told: set[BlockingCall] = set()


def _is_being_imported(module: str) -> bool:
    """Tell whether a module is there, and not yet complete."""
    spec = getattr(sys.modules[module], "__spec__", None)
    return bool(getattr(spec, "_initializing", False))
