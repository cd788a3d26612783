"""The modules of a project: found by name, and parsed when they are needed."""

from __future__ import annotations

import ast
import sys
import warnings
from collections import OrderedDict
from typing import TYPE_CHECKING

from ginger_async_safe.lint.source.files import decoded, names_of
from ginger_async_safe.lint.source.newer_syntax import needed_python
from ginger_async_safe.lint.source.symbols import assigned_in_functions, definitions, symbols_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ginger_async_safe.lint.source.files import Source
    from ginger_async_safe.lint.source.symbols import Definition, Symbols

__all__ = ["MAX_PARSED_BYTES", "Module", "Project", "parsed"]

MAX_PARSED_BYTES = 8_000_000
"""Bytes of source whose trees are kept; a tree takes about forty times as much memory."""


def parsed(data: bytes) -> ast.Module:
    """Parse a file.

    Raises:
        SyntaxError: Where it is not valid Python, needs a newer one, or is nested too deep.
        UnicodeDecodeError: Where it is not in the encoding that it says.
        ValueError: Where it has null bytes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the source, which is not ours
        text = decoded(data)
        try:
            return ast.parse(text)
        except (RecursionError, MemoryError) as error:
            msg = "too deeply nested"
            raise SyntaxError(msg) from error
        except SyntaxError as error:
            needed = needed_python(text)
            if needed is None:
                raise
            here = ".".join(map(str, sys.version_info[:2]))
            msg = f"needs Python {'.'.join(map(str, needed))}; this is {here}"
            raise SyntaxError(msg, (error.filename, error.lineno, error.offset, error.text)) from error


class Module:
    """One file.

    Args:
        source: The file.
        names: The dotted names that it may have, the likeliest first.
        bit: A number with one bit set, by which sets of modules are kept.
    """

    def __init__(self, source: Source, names: tuple[str, ...], bit: int) -> None:
        self.path: Path = source.path
        self.data: bytes = source.data
        self.names = names
        self.name: str = names[0]
        self.is_package: bool = source.path.name == "__init__.py"
        self.bit = bit
        self.tree: ast.Module | None = None
        self._symbols: Symbols | None = None
        self._definitions: dict[tuple[str, int], Definition] | None = None
        self._of_classes: dict[tuple[str, int], Symbols] = {}

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    def forget(self) -> None:
        """Drop the tree and what is derived from it; it is parsed again when it is needed."""
        self.tree = self._symbols = self._definitions = None
        self._of_classes = {}

    def package(self, level: int) -> str:
        """Return the package that a relative import is relative to.

        Args:
            level: How many dots it has.
        """
        parts = self.name.split(".")
        up = level - 1 if self.is_package else level
        return ".".join(parts[: len(parts) - up]) if up else self.name


class Project:
    """All modules of a project.

    Args:
        sources: The files.
        root: The folder of the project.
        others: Folders of other projects that sources may be in.
        limit: How many bytes of source to keep the trees of.
    """

    def __init__(
        self, sources: Iterable[Source], *, root: Path, others: Sequence[Path] = (), limit: int = MAX_PARSED_BYTES
    ) -> None:
        self._limit = limit
        self.modules: list[Module] = []
        self._by_name: dict[str, list[Module]] = {}
        self._parsed: OrderedDict[Module, int] = OrderedDict()
        for source in sources:
            folder = next((each for each in (root, *others) if source.path.is_relative_to(each)), root)
            module = Module(source, names_of(source.path, folder), 1 << len(self.modules))
            self.modules.append(module)
            for name in () if source.path.suffix == ".ipynb" else module.names:  # a notebook cannot be imported
                self._by_name.setdefault(name, []).append(module)
        for module in self.modules:  # the shortest unique name, which the program most likely uses
            unique = [name for name in module.names if len(self._by_name.get(name, ())) == 1]
            module.name = unique[0] if unique else module.names[0]

    def find(self, name: str, importer: Module) -> Module | None:
        """Return the module of a dotted name, or ``None`` where the project has none.

        Args:
            name: The name.
            importer: The importing module: of several modules of one name, the nearest to it is returned.
        """
        found = self._by_name.get(name)
        if not found:
            return None
        if name in sys.stdlib_module_names and not any(module.path.parent == importer.path.parent for module in found):
            return None  # a file of that name deeper in the project
        if len(found) == 1:
            return found[0]
        return max(found, key=lambda module: _in_common(module.path.parts, importer.path.parts))

    def named(self, name: str) -> Module | None:
        """Return the module whose main name is a dotted name, or ``None``."""
        return next((module for module in self._by_name.get(name, ()) if module.name == name), None)

    def tree(self, module: Module) -> ast.Module:
        """Return the tree of a module.

        Raises:
            SyntaxError: Where it is not valid Python.
        """
        tree = module.tree
        if tree is None:
            tree = parsed(module.data)
            self.keep(module, tree)
        else:
            self._parsed.move_to_end(module)
        return tree

    def keep(self, module: Module, tree: ast.Module) -> None:
        """Keep a tree, and drop the least recently used ones above the limit."""
        module.tree = tree
        self._parsed[module] = len(module.data)
        total = sum(self._parsed.values())
        while total > self._limit and len(self._parsed) > 1:
            oldest, size = self._parsed.popitem(last=False)
            oldest.forget()
            total -= size

    def symbols(self, module: Module) -> Symbols:
        """Return the names of a module."""
        if module._symbols is None:
            tree = self.tree(module)
            module._symbols = symbols_of(tree.body)
            if b"global " in module.data:
                for name, binding in assigned_in_functions(tree):
                    module._symbols.bindings.setdefault(name, []).append(binding)
        return module._symbols

    def symbols_of_class(self, module: Module, qualname: str, node: ast.ClassDef) -> Symbols:
        """Return the names of a class."""
        self.tree(module)
        key = (qualname, node.lineno)
        if key not in module._of_classes:
            module._of_classes[key] = symbols_of(node.body)
        return module._of_classes[key]

    def definition(self, module: Module, qualname: str, line: int = 0) -> ast.AST | None:
        """Return the definition of a function or class of a module, or of a class in it.

        Args:
            module: The module.
            qualname: The qualified name.
            line: The line of the definition; the last one of that name where it is 0.
        """
        if module._definitions is None:
            module._definitions = {}
            for name, node in definitions(self.tree(module).body):
                module._definitions[name, 0] = module._definitions[name, node.lineno] = node
        else:
            self._parsed.move_to_end(module)
        return module._definitions.get((qualname, line))


def _in_common(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    count = 0
    for mine, theirs in zip(left, right, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
