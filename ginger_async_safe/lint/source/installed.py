"""The modules of installed packages: a project whose files are read when something imports them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ginger_async_safe.lint.source.files import Source
from ginger_async_safe.lint.source.project import Module, Project, parsed

if TYPE_CHECKING:
    from pathlib import Path

    from ginger_async_safe.lint.source.environments import Environment

__all__ = ["InstalledPackages"]

_MAX_PARSED_BYTES = 2_000_000  # of source whose trees are kept: beside the project's own, a small part of the memory
_MAX_FILE = 2_000_000  # bytes: longer files are tables
_MAX_READ = 12_000_000  # bytes of one package: the rest of a larger one is not read

_NEVER_READ = frozenset(
    [
        *("django", "gingerdj", "ginger_async_safe", "asgiref"),  # the check knows what these do
        *(
            "anyio",
            "trio",
            "sniffio",
            "uvloop",
            "gevent",
            "greenlet",
            "eventlet",
        ),  # event loops, and what replaces them
        *("attr", "attrs", "pydantic", "pydantic_core", "typing_extensions"),  # they make classes and check arguments
        *(
            "backoff",
            "decorator",
            "deprecated",
            "tenacity",
            "wrapt",
        ),  # they make decorators, which call what they decorate
        *("pip", "pkg_resources", "setuptools"),
    ]
)


class InstalledPackages(Project):
    """The modules of installed packages.

    Args:
        environment: Where they are installed.

    Attributes:
        cut: The packages of which not all was read, because they are too large.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__((), root=environment.folders[0], limit=_MAX_PARSED_BYTES)
        self._environment = environment
        self._found: dict[str, Module | None] = {}
        self._readable: dict[str, bool] = {}
        self._read: dict[str, int] = {}
        self._asked_by: dict[Module, set[str]] = {}
        self.cut: set[str] = set()

    def find(self, name: str, importer: Module | None) -> Module | None:
        """Return the module of a dotted name, or ``None`` where no installed package has its source."""
        if name not in self._found:
            self._found[name] = self._load(name)
        found = self._found[name]
        if found is None and importer is not None:
            root = self.root_of(name)
            if root not in sys.stdlib_module_names and self._environment.distribution_of(root) is None:
                self._asked_by.setdefault(importer, set()).add(root)
        return found

    def named(self, name: str) -> Module | None:
        """Return the module of a dotted name, or ``None``."""
        return self.find(name, None)

    def root_of(self, name: str) -> str:
        """Return the outermost package that a dotted name is in, which has an ``__init__.py``; or its module."""
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            root = ".".join(parts[:length])
            if self._environment.file_of(root) is not None:
                return root
        return parts[0]

    def is_readable(self, top: str) -> bool:
        """Return whether modules whose dotted names begin with a name may be read."""
        if top not in self._readable:
            is_read = top.isidentifier() and top not in sys.stdlib_module_names and top not in _NEVER_READ
            self._readable[top] = is_read and self._environment.has(top)
        return self._readable[top]

    def asked_for(self, modules: int) -> set[str]:
        """Return the roots of modules, given as bits, and of what they import and is not installed."""
        found: set[str] = set()
        for module in self.modules:
            if module.bit & modules:
                found.add(self.root_of(module.name))
                found |= self._asked_by.get(module, set())
        return found

    def _load(self, name: str) -> Module | None:
        if not self.is_readable(name.partition(".")[0]):
            return None
        path = self._environment.file_of(name)
        if path is None:
            return None
        root = self.root_of(name)
        if self._environment.distribution_of(root) is None:
            return None
        return self._parsed_module(name, root, path)

    def _parsed_module(self, name: str, root: str, path: Path) -> Module | None:
        try:
            data = path.read_bytes()
            self._read[root] = self._read.get(root, 0) + len(data)
            if len(data) > _MAX_FILE or self._read[root] > _MAX_READ:
                self.cut.add(root)
                return None
            tree = parsed(data)
        except (OSError, SyntaxError, ValueError):
            return None  # it is not for this Python: nothing is known about it, as without its source
        module = Module(Source(path, data, ""), (name,), 1 << len(self.modules))
        self.modules.append(module)
        self.keep(module, tree)
        return module
