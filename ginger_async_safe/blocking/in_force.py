"""The rules that are in force in this process, and what is patched for them."""

from __future__ import annotations

import functools
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING

from ginger_async_safe import _wrapper, detect
from ginger_async_safe.blocking.importing import Finder, tell_what_vanished
from ginger_async_safe.blocking.patches import CodePatch, Replacement, patch
from ginger_async_safe.blocking.references import bound_methods, redirect
from ginger_async_safe.blocking.restrictions import lift, restrict
from ginger_async_safe.blocking.targets import resolve
from ginger_async_safe.exceptions import ConfigurationWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Patch

__all__ = ["in_force"]


class _InForce:
    """The rules that some guard has on, and what is patched for them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a module that is imported while it is held may bring rules of its own
        self._counts: dict[BlockingCall, int] = {}
        self._patches: dict[BlockingCall, Patch] = {}
        self._bound: dict[BlockingCall, list[tuple[object, object]]] = {}
        self._finder = Finder(self.imported)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.RLock()  # the thread that may have held it is not there

    def add(self, rules: Sequence[BlockingCall]) -> None:
        with self._lock:
            for rule in rules:
                self._counts[rule] = self._counts.get(rule, 0) + 1
                restrict(rule)
            _watch_trio()
            if self._finder not in sys.meta_path:
                sys.meta_path.insert(0, self._finder)
            made = self._patch(rule for rule in rules if rule not in self._patches)
            self._await()
            changes = [each.change for each in made.values() if each.is_handed_about]
            for rule, method in bound_methods(made):
                self._bound.setdefault(rule, []).append(method)
                changes.append(method)
            redirect(changes, self._replacements())
        try:
            self._tell_what_vanished(rules)
        except Warning:  # it is an error here, so nobody gets the guard that could end it
            self.remove(rules)
            raise

    def remove(self, rules: Sequence[BlockingCall]) -> None:
        with self._lock:
            changes, changed = [], []
            ours = self._replacements()
            for rule in reversed(rules):
                self._counts[rule] -= 1
                lift(rule)
                if self._counts[rule]:
                    continue
                del self._counts[rule]
                changes += [(bound, method) for method, bound in self._bound.pop(rule, [])]
                patched = self._patches.pop(rule, None)
                if patched is not None and not patched.undo():
                    changed.append(rule.target)
                if isinstance(patched, Replacement) and patched.is_handed_about:
                    changes.append(patched.change[::-1])
            redirect(changes, ours)
            self._await()
            if not self._counts:
                sys.meta_path.remove(self._finder)
        if changed:
            msg = f"{', '.join(sorted(changed))}: somebody changed what was guarded, and it stays so; guards go best in reverse order"
            warnings.warn(msg, ConfigurationWarning, stacklevel=4)

    def imported(self, rules: Iterable[BlockingCall]) -> None:
        """Apply rules whose module is there now; nobody has taken anything from it yet."""
        with self._lock:
            waiting = [rule for rule in rules if rule in self._counts and rule not in self._patches]
            self._patch(waiting)
        self._tell_what_vanished(waiting)

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
        return made

    def _await(self) -> None:
        self._finder.wait_for(rule for rule in self._counts if rule not in self._patches)

    def _tell_what_vanished(self, rules: Iterable[BlockingCall]) -> None:
        """Warn when all is done: a warning may be an error."""
        for rule in rules:
            if rule not in self._patches:
                tell_what_vanished(rule)

    def ids(self) -> set[str]:
        """Return the names of all rules that are in force."""
        with self._lock:
            return {rule.id for rule in self._counts}


in_force: _InForce = _InForce()


@functools.cache
def _watch_trio() -> None:
    """Have every check ask the right question, now and when the program imports trio."""
    _wrapper.set_probe(detect.probe)
    detect.watch_imports(in_force.ask_anew)
