"""Applying rules when the program imports their module, and warning of rules whose target is missing."""

from __future__ import annotations

import functools
import itertools
import sys
import warnings
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.modules import attribute, namespace
from ginger_async_safe.blocking.targets import follow, is_deferred
from ginger_async_safe.exceptions import ConfigurationWarning
from ginger_async_safe.policy import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Trail

__all__ = ["Finder", "applying_rules", "warn_of_missing_target"]


class Finder:
    """An import finder that finds nothing itself: it has rules applied to what other finders find.

    Every import of a module calls the finders; a lazy import (PEP 810) does when it is resolved.

    Args:
        imported: Called with the pending rules of a module, after its import, in the importing thread.
    """

    def __init__(self, imported: Callable[[list[BlockingCall]], None]) -> None:
        self._imported = imported
        self._awaited: dict[str, list[BlockingCall]] = {}
        self._deferred: weakref.WeakSet[ModuleType] = weakref.WeakSet()

    def wait_for(self, trails: Iterable[tuple[BlockingCall, Trail]]) -> None:
        """Set the pending rules, and so the modules to wait for."""
        awaited: dict[str, list[BlockingCall]] = {}
        for rule, trail in trails:
            for name in dict.fromkeys(itertools.chain.from_iterable(map(_prefixes, trail.names))):
                awaited.setdefault(name, []).append(rule)
            module = trail.waits_in
            if module is not None and is_deferred(module) and module not in self._deferred:
                self._deferred.add(module)
                spec = namespace(module)["__spec__"]
                _then(spec, functools.partial(self._loaded, spec.name))
        self._awaited = awaited

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what another finder finds; for a module with pending rules, apply them once it is loaded."""
        if name not in self._awaited:
            return None
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                with containing(f"waiting for the module {name!r}", but="it was imported without its rules"):
                    _then(spec, functools.partial(self._loaded, name))
                return spec
        return None

    def _loaded(self, name: str) -> None:
        """Apply the rules that are pending now: guards may have been switched on or off during the import."""
        with applying_rules(name):
            self._imported(self._awaited.get(name, []))


@contextmanager
def applying_rules(name: str) -> Iterator[None]:
    """Keep errors of a block from becoming the exception of the import, or of the use of a module, around it.

    Args:
        name: The module.
    """
    with containing(f"applying the rules for the module {name!r}", but="they are skipped"):
        try:
            yield
        except ConfigurationWarning as warning:  # under -W error
            logger.warning("%s", warning)


def _then(spec: ModuleSpec, call: Callable[[], None]) -> None:
    """Have a module's loader call a function once, after it has loaded the module."""
    loader: Any = spec.loader
    if isinstance(loader, type):
        spec.loader = _LoadsOnce(loader, call)  # type: ignore[assignment]  # it does what import asks of a loader
        return
    if not hasattr(loader, "exec_module"):
        return  # an old namespace package, or a loader that only has load_module: no rule is for either
    load = loader.exec_module

    @functools.wraps(load)
    def exec_module(module: ModuleType) -> None:
        with containing("restoring a loader"):
            del loader.exec_module
        load(module)
        call()

    loader.exec_module = exec_module


class _LoadsOnce:
    """Replaces a loader that is a class, as that of built-in modules is, and so has no attributes for one module.

    Args:
        loader: The loader. It is restored before the module runs.
        call: Called after the module was loaded.
    """

    def __init__(self, loader: Any, call: Callable[[], None]) -> None:  # noqa: ANN401 - any class that loads
        self._loader = loader
        self._call = call

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as the loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run the module as the loader does."""
        held = namespace(module)
        held["__loader__"] = held["__spec__"].loader = self._loader
        self._loader.exec_module(module)
        self._call()


@functools.lru_cache(maxsize=1024)
def _prefixes(target: str) -> tuple[str, ...]:
    """Return the dotted names that may be the target's module or one of its packages."""
    parts = target.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)))


@functools.lru_cache(maxsize=1024)
def _module_of(target: str) -> str:
    """Return the name of the target's module: what comes before the first part that looks like a class."""
    *path, _ = target.split(".")
    return ".".join(itertools.takewhile(lambda part: part.lower() == part and not part.endswith("()"), path))


def warn_of_missing_target(rule: BlockingCall) -> None:
    """Warn once of a rule whose module is imported and lacks the target.

    It is not missing if it is yet to be imported, nor if the rule is optional.
    """
    module = _module_of(rule.target)
    if rule.is_optional or module not in sys.modules or rule in _warned_of or _is_being_imported(module):
        return
    trail = follow(rule.target)
    if len(trail.names) > 1 or trail.waits_in is not None:
        return
    _warned_of.add(rule)
    msg = f"the rule {rule.id!r} is skipped: {module} has no {rule.target.removeprefix(module + '.')} (any more)"
    warnings.warn(msg, ConfigurationWarning, stacklevel=2)


_warned_of: set[BlockingCall] = set()


def _is_being_imported(module: str) -> bool:
    """Return whether a module is in the middle of its import."""
    spec = attribute(module, "__spec__")
    return bool(getattr(spec, "_initializing", False))
