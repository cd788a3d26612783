"""The dependencies of a project: summaries of what it uses of installed packages, kept from earlier checks or read now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ginger_async_safe.lint.dependencies.reading import PackageReader
from ginger_async_safe.lint.dependencies.store import Kept
from ginger_async_safe.lint.domain.summaries import SummaryKind
from ginger_async_safe.lint.source.installed import InstalledPackages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.dependencies.store import Store
    from ginger_async_safe.lint.domain.summaries import Summary
    from ginger_async_safe.lint.interpreter.interpreter import Handlers
    from ginger_async_safe.lint.source.environments import Environment

__all__ = ["InstalledDependencies"]


class InstalledDependencies:
    """What installed packages do, as far as a project uses them.

    Args:
        environment: Where they are installed.
        store: The summaries of earlier checks.
        rules: The rules that are in force.
        handlers: What evaluates the parts of a program.
        reading: Called with the name and version of a package when the first name of it is read.

    Attributes:
        read: The packages of which something was read, with their versions.
    """

    def __init__(
        self,
        environment: Environment,
        store: Store,
        rules: Sequence[BlockingCall],
        handlers: Handlers,
        reading: Callable[[str], None] | None = None,
    ) -> None:
        self._environment = environment
        self._store = store
        self._rules = rules
        self._handlers = handlers
        self._reading = reading
        self._packages = InstalledPackages(environment)
        self._reader: PackageReader | None = None
        self._summaries: dict[str, Summary | None] = {}
        self.read: set[str] = set()

    def summary(self, name: str) -> Summary | None:
        """Return what a dotted name refers to, or ``None`` where that is not known."""
        if name not in self._summaries:
            self._summaries[name] = self._resolved(name)
        return self._summaries[name]

    def _resolved(self, name: str) -> Summary | None:
        """Return what a name refers to, of an alias what the last name refers to that is read, or that last alias."""
        found = self._find(name)
        seen = {name}
        while found is not None and found.kind is SummaryKind.ALIAS:
            if found.name in seen:
                return None  # packages that name one another: no source is read
            seen.add(found.name)
            target = self._find(found.name)
            if target is None or target.name == found.name:
                break  # it is not installed, or rules cover it
            found = target
        return found

    @property
    def cut(self) -> list[str]:
        """The packages of which not all was read, because they are too large, with their versions."""
        roots = set() if self._reader is None else self._reader.cut
        return sorted(str(self._environment.distribution_of(root) or root) for root in roots)

    def digest(self) -> str:
        """Return a digest of what is installed."""
        return self._environment.digest()

    def write(self) -> None:
        """Write what is new to the store."""
        self._store.write()

    def _find(self, name: str) -> Summary | None:
        top = name.partition(".")[0]
        if top == name or not self._packages.is_readable(top):
            return None
        distribution = self._environment.distribution_of(self._packages.root_of(name))
        if distribution is None:
            return None
        kept = self._store.find(distribution, name)
        if kept is not None and all(self._digest(root) == digest for root, digest in kept.packages.items()):
            return kept.summary
        if str(distribution) not in self.read:
            self.read.add(str(distribution))
            if self._reading is not None:
                self._reading(str(distribution))
        if self._reader is None:
            self._reader = PackageReader(self._packages, self._environment, self._rules, self._handlers)
        reading = self._reader.read(name)
        self._store.keep(
            distribution, name, Kept(reading.summary, {root: self._digest(root) for root in sorted(reading.roots)})
        )
        return reading.summary

    def _digest(self, root: str) -> str:
        if root in sys.stdlib_module_names:
            return ""
        found = self._environment.distribution_of(root)
        return "" if found is None else found.digest
