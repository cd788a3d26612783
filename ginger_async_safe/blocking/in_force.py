"""The rules that are in force in this process, and the patches for them."""

from __future__ import annotations

import functools
import os
import sys
import threading
import warnings
from itertools import chain
from typing import TYPE_CHECKING

from ginger_async_safe import detect
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.modules import resolve_own
from ginger_async_safe.blocking.bound import BoundMethods
from ginger_async_safe.blocking.importing import Finder, warn_of_missing_target
from ginger_async_safe.blocking.patches import CodePatch, NoPatch, Replacement, patch
from ginger_async_safe.blocking.providing import Providers
from ginger_async_safe.blocking.references import redirect
from ginger_async_safe.blocking.restrictions import restrict
from ginger_async_safe.blocking.targets import follow, resolve
from ginger_async_safe.decorators import set_probe
from ginger_async_safe.exceptions import ConfigurationWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Patch
    from ginger_async_safe.blocking.targets import Provided

__all__ = ["in_force"]


class _InForce:
    """The rules of all guards that are on, and the patches for them.

    The guards' rules are one value, replaced as a whole; :meth:`_apply` derives the rest from it. A signal handler may
    raise an exception at any of its steps: each step records what it is about to do, so that it can be repeated or undone.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a module that is imported while it is held may have pending rules
        self._guards: dict[object, tuple[BlockingCall, ...]] = {}
        self._applied = self._guards
        self._patches: dict[BlockingCall, Patch] = {}
        self._redirected: set[BlockingCall] = set()
        self._changed: set[str] = set()
        self._bound = BoundMethods()
        self._finder = Finder(self.imported)
        self._providers = Providers(self.imported)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.RLock()  # the thread that may have held it does not exist here

    def add(self, guard: object, rules: Sequence[BlockingCall]) -> None:
        """Switch rules on. If this fails or is interrupted, :meth:`remove` restores everything."""
        resolve_own()
        with self._lock:
            self._guards = {**self._guards, guard: tuple(rules)}
            self._apply()
        self._warn_of_missing_targets(rules)

    def remove(self, guard: object) -> None:
        """Switch a guard's rules off. If this is interrupted, a second call continues it."""
        with self._lock:
            if guard in self._guards:
                self._guards = {each: rules for each, rules in self._guards.items() if each is not guard}
            if self._applied is not self._guards:
                self._apply()
            changed, self._changed = self._changed, set()
        if changed:
            msg = f"{', '.join(sorted(changed))}: other code has replaced what was guarded, and it stays; switch guards off in reverse order"
            warnings.warn(msg, ConfigurationWarning, stacklevel=4)

    def imported(self, rules: Iterable[BlockingCall], provided: Provided | None = None) -> None:
        """Apply rules whose module has just been imported; no references to its contents exist yet.

        Args:
            rules: The rules.
            provided: The attribute that a module's ``__getattr__`` has made, if they waited for that.
        """
        with self._lock:
            wanted = self._wanted()
            waiting = [rule for rule in rules if rule in wanted and rule not in self._patches]
            self._patch(waiting, provided)
            self._redirected.update(each for each in waiting if each in self._patches)
            if waiting:
                self._await(wanted)
        self._warn_of_missing_targets(waiting)

    def _wanted(self) -> dict[BlockingCall, None]:
        return dict.fromkeys(chain.from_iterable(self._guards.values()))

    def _apply(self) -> None:
        """Bring all patches into the state that the guards' rules need."""
        guards, wanted = self._guards, self._wanted()
        restrict(chain.from_iterable(guards.values()))
        if wanted:
            _watch_imports()
            if self._finder not in sys.meta_path:
                sys.meta_path.insert(0, self._finder)
        self._take_away([rule for rule in reversed(self._patches) if rule not in wanted])
        self._put_in_place([rule for rule in wanted if rule not in self._redirected])
        self._await(wanted)
        if not wanted and self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._applied = guards

    def _put_in_place(self, rules: Sequence[BlockingCall]) -> None:
        self._patch(rule for rule in rules if rule not in self._patches)
        patched = {rule: self._patches[rule] for rule in rules if rule in self._patches}
        made = {rule: each for rule, each in patched.items() if isinstance(each, Replacement)}
        changes = [each.change for each in made.values() if each.may_be_referenced]
        changes += self._bound.exchanged(made)
        redirect(changes, self._replacements())
        self._redirected.update(patched)

    def _take_away(self, rules: Sequence[BlockingCall]) -> None:
        changes = []
        for rule in rules:
            patched = self._patches[rule]
            if not patched.undo():
                self._changed.add(rule.target)
            if isinstance(patched, Replacement) and patched.may_be_referenced:
                changes.append(patched.change[::-1])
        changes += self._bound.originals(rules)
        redirect(changes, self._replacements())
        for rule in rules:
            self._redirected.discard(rule)
            self._patches.pop(rule, None)

    def refresh_probe(self) -> None:
        """Have every check use the current quick check of ``detect``."""
        with self._lock:
            set_probe(detect.probe)
            for each in self._patches.values():
                if isinstance(each, CodePatch):
                    each.refresh_probe()

    def _replacements(self) -> list[Replacement]:
        return [each for each in self._patches.values() if isinstance(each, Replacement)]

    def _patch(self, rules: Iterable[BlockingCall], provided: Provided | None = None) -> None:
        """Patch the targets of rules, as far as their modules are imported."""
        for rule in rules:
            keep = functools.partial(self._patches.__setitem__, rule)
            with containing(f"finding the target of the rule {rule.id!r}", but="it is skipped"):
                target = resolve(rule.target, provided)
                if target is not None:
                    patch(rule, target, keep)
                continue
            keep(NoPatch())

    def _await(self, wanted: Iterable[BlockingCall]) -> None:
        trails = [(rule, follow(rule.target)) for rule in wanted if rule not in self._patches]
        self._finder.wait_for(trails)
        self._providers.wait_for(trails)

    def _warn_of_missing_targets(self, rules: Iterable[BlockingCall]) -> None:
        """Warn once everything is applied: a warning may be an error."""
        for rule in rules:
            if rule not in self._patches:
                warn_of_missing_target(rule)

    def ids(self) -> set[str]:
        """Return the ids of all rules that are in force."""
        with self._lock:
            return {rule.id for rule in self._wanted()}


in_force: _InForce = _InForce()


@functools.cache
def _watch_imports() -> None:
    """Have every check use the right quick check, now and when the program imports an event loop library."""
    set_probe(detect.probe)
    detect.watch_imports(in_force.refresh_probe)
