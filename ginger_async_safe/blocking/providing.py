"""Applying rules when a module's ``__getattr__`` (PEP 562) makes their target, as in packages with lazy submodules."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.modules import namespace
from ginger_async_safe.blocking.importing import applying_rules
from ginger_async_safe.blocking.targets import Provided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Trail

__all__ = ["Providers"]


class Providers:
    """The modules whose ``__getattr__`` may make the targets of rules.

    Args:
        provided: Called with the rules that waited for an attribute and with the value that the module made, in the
            thread that accessed it.
    """

    def __init__(self, provided: Callable[[list[BlockingCall], Provided], None]) -> None:
        self._provided = provided
        self._watched: dict[int, _Watched] = {}

    def wait_for(self, trails: Iterable[tuple[BlockingCall, Trail]]) -> None:
        """Wait for the targets of these rules, and restore all other modules."""
        awaited: dict[int, tuple[ModuleType, dict[str, list[BlockingCall]]]] = {}
        for rule, trail in trails:
            if trail.waits_in is not None and trail.waits_for:
                _, rules = awaited.setdefault(id(trail.waits_in), (trail.waits_in, {}))
                rules.setdefault(trail.waits_for, []).append(rule)
        for key in self._watched.keys() - awaited.keys():
            self._watched[key].undo()
            del self._watched[key]
        for key, (module, rules) in awaited.items():
            if key not in self._watched:
                self._watched[key] = watched = _Watched(module, self._provided)
                watched.apply()
            self._watched[key].rules = rules


class _Watched:
    """A module whose ``__getattr__`` is watched.

    Attributes:
        rules: The pending rules, by the name of the attribute.
    """

    def __init__(self, module: ModuleType, provided: Callable[[list[BlockingCall], Provided], None]) -> None:
        self.rules: dict[str, list[BlockingCall]] = {}
        self._namespace = held = namespace(module)
        self._original = original = held["__getattr__"]

        @functools.wraps(original)
        def __getattr__(name: str) -> Any:  # noqa: ANN401, N807 - as the module returns it
            value = original(name)
            rules = self.rules.get(name)
            if rules is None:
                return value
            with applying_rules(str(held.get("__name__"))):
                provided(rules, Provided(module, name, value))
            return held.get(name, value)

        self._wrapper = __getattr__

    def apply(self) -> None:
        """Replace the module's ``__getattr__``."""
        self._namespace["__getattr__"] = self._wrapper

    def undo(self) -> None:
        """Restore the module's own ``__getattr__``, unless other code has replaced it."""
        self.rules = {}
        if self._namespace.get("__getattr__") is self._wrapper:
            self._namespace["__getattr__"] = self._original
