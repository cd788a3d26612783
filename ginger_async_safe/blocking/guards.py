"""Switching the rules on and off."""

from __future__ import annotations

import functools
import itertools
import os
import sys
import threading
import warnings
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ginger_async_safe import _wrapper, detect
from ginger_async_safe.blocking.patches import CodePatch, Replacement, patch
from ginger_async_safe.blocking.references import bound_methods, redirect
from ginger_async_safe.blocking.restrictions import lift, restrict
from ginger_async_safe.blocking.selection import choice_of_code, choice_of_file, selected
from ginger_async_safe.blocking.targets import resolve
from ginger_async_safe.exceptions import ConfigurationWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType

    from typing_extensions import Self

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Patch

__all__ = ["BlockingGuard", "guard_blocking_calls"]


def guard_blocking_calls(
    *,
    add: Iterable[BlockingCall] = (),
    without: str | Iterable[str] = (),
    only_from: Mapping[str, str | Iterable[str]] | None = None,
) -> BlockingGuard:
    """Guard the blocking calls of the standard library and of drivers, which nobody marked, from now on.

    What a rule covers is a violation where an event loop waits for it, as a call marked with ``@async_unsafe`` is: the
    same report, policies, grants and settings. Calls that would not wait are none.

    Use it as a statement, and :meth:`BlockingGuard.stop` ends it; or with ``with`` or ``async with``, and the block's
    end does. Guards may be nested; a rule holds as long as one of them has it.

    What ``[tool.ginger_async_safe.rules]`` in ``pyproject.toml`` says of the rules holds first, and the arguments change
    what that leaves.

    Args:
        add: More rules. One for a target that has a rule already changes of that what it says differently.
        without: Patterns of the ids of rules to leave out: ``"file.*"``.
        only_from: Patterns of the ids of rules, and for each the packages to whose calls these rules are restricted:
            ``{"file.*": ["shop.*"]}``. Of several patterns that match a rule, the last one counts.

    Returns:
        The guard, which is on.

    Raises:
        ConfigurationError: Where a pattern is malformed or matches no rule, an id is taken, or the table in
            ``pyproject.toml`` cannot be used.
    """
    return BlockingGuard(selected(choice_of_file(), choice_of_code(add, without, only_from)))


class BlockingGuard(AbstractContextManager["BlockingGuard"]):
    """Rules that are in force, until :meth:`stop`.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Sequence[BlockingCall]) -> None:
        self.rules: tuple[BlockingCall, ...] = tuple(rules)
        self._is_on = True
        _in_force.add(self.rules)

    def stop(self) -> None:
        """Switch the rules off, but for those that another guard has on. A second time, it does nothing."""
        if self._is_on:
            self._is_on = False
            _in_force.remove(self.rules)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class _InForce:
    """The rules that some guard has on, and what is patched for them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a module that is imported while it is held may bring rules of its own
        self._counts: dict[BlockingCall, int] = {}
        self._patches: dict[BlockingCall, Patch] = {}
        self._bound: dict[BlockingCall, list[tuple[object, object]]] = {}
        self._awaited: frozenset[str] = frozenset()
        self._finder = _Finder(self)
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.RLock()  # the thread that may have held it is not there

    def add(self, rules: Iterable[BlockingCall]) -> None:
        with self._lock:
            for rule in rules:
                self._counts[rule] = self._counts.get(rule, 0) + 1
                restrict(rule)
            _watch_trio()
            if self._finder not in sys.meta_path:
                sys.meta_path.insert(0, self._finder)
            made = self._patch(rule for rule in rules if rule not in self._patches)
            changes = [each.change for each in made.values() if each.is_handed_about]
            for rule, method in bound_methods(made):
                self._bound.setdefault(rule, []).append(method)
                changes.append(method)
            redirect(changes, self._replacements())

    def remove(self, rules: Iterable[BlockingCall]) -> None:
        with self._lock:
            changes = []
            ours = self._replacements()
            for rule in reversed(tuple(rules)):
                self._counts[rule] -= 1
                lift(rule)
                if self._counts[rule]:
                    continue
                del self._counts[rule]
                changes += [(bound, method) for method, bound in self._bound.pop(rule, [])]
                patched = self._patches.pop(rule, None)
                if patched is not None:
                    patched.undo()
                if isinstance(patched, Replacement) and patched.is_handed_about:
                    changes.append(patched.change[::-1])
            redirect(changes, ours)
            self._await()
            if not self._counts:
                sys.meta_path.remove(self._finder)

    def wanted(self, module: str) -> bool:
        """Tell whether a rule waits for a module to be imported."""
        return module in self._awaited

    def imported(self) -> None:
        """Apply the rules whose module is there now; nobody has taken anything from it yet."""
        with self._lock:
            self._patch(rule for rule in list(self._counts) if rule not in self._patches)

    def ask_anew(self) -> None:
        """Have every check ask the question that detection asks now."""
        with self._lock:
            _wrapper.set_probe(detect.probe)
            for each in self._patches.values():
                if isinstance(each, CodePatch):
                    each.ask_anew()

    def _replacements(self) -> list[Replacement]:
        return [each for each in self._patches.values() if isinstance(each, Replacement)]

    def _patch(self, rules: Iterable[BlockingCall]) -> dict[BlockingCall, Replacement]:
        """Put the checks of rules in place, as far as their modules are imported; return which took wrappers."""
        made = {}
        for rule in rules:
            target = resolve(rule.target)
            if target is not None:
                patched = self._patches[rule] = patch(rule, target)
                if isinstance(patched, Replacement):
                    made[rule] = patched
        self._await()
        return made

    def _await(self) -> None:
        waiting = [rule for rule in self._counts if rule not in self._patches]
        for rule in waiting:
            _tell_where_it_vanished(rule)
        self._awaited = frozenset(name for rule in waiting for name in _prefixes(rule.target))


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


def _tell_where_it_vanished(rule: BlockingCall) -> None:
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


class _Finder:
    """An import finder that finds nothing itself: it has the rules applied to what others find."""

    def __init__(self, in_force: _InForce) -> None:
        self._in_force = in_force

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not self._in_force.wanted(name):
            return None
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                _then(spec, self._in_force.imported)
                return spec
        return None


def _then(spec: ModuleSpec, call: Any) -> None:  # noqa: ANN401 - any callable without arguments
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


_in_force = _InForce()


@functools.cache
def _watch_trio() -> None:
    """Have every check ask the right question, now and when the program imports trio."""
    _wrapper.set_probe(detect.probe)
    detect.watch_imports(_in_force.ask_anew)
