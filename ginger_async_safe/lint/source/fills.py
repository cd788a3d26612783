"""Fills: where code puts something into a container of a module, a class or an object."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ADDING", "Fill", "fills_in"]

ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "put", "put_nowait", "setdefault"})
"""Methods that add one of their arguments to a container."""

_RECEIVERS = frozenset({"self", "cls"})
_PUTS = re.compile(rb"\.(?:add|append|appendleft|extend|insert|put|put_nowait|setdefault|update)\(|\](?=[ \t]*=(?!=))")
_TARGET = re.compile(rb"(?:(\w+)\.)?(\w+)(?:\[[^=]*\])?$")


class Fill(NamedTuple):
    """A line that puts something into a container.

    Attributes:
        owner: The name before the dot: ``"self"``, a class or a module; empty where there is none.
        name: The name of the container.
        line: The line.
        is_foreign: Whether the container may be another module's, since its name or the owner's is imported.
    """

    owner: str
    name: str
    line: int
    is_foreign: bool


def fills_in(tree: ast.Module, data: bytes) -> tuple[Fill, ...]:
    """Return the lines of a module that may fill a container of a module, a class or an object."""
    imported: set[str] = set()
    bound: set[str] = set()
    _collect(tree.body, imported, bound)
    return tuple(_fills(data, imported, bound))


def _fills(data: bytes, imported: set[str], bound: set[str]) -> Iterator[Fill]:
    line, counted = 1, 0
    for found in _PUTS.finditer(data):
        begin = data.rfind(b"\n", 0, found.start()) + 1
        end = found.end() if found[0] == b"]" else found.start()
        target = _TARGET.search(data, begin, end)
        if target is None:
            continue
        owner, name = (target[1] or b"").decode("utf-8", "replace"), target[2].decode("utf-8", "replace")
        is_foreign = (owner or name) in imported
        if is_foreign or owner in _RECEIVERS or (owner or name) in bound:
            line += data.count(b"\n", counted, begin)
            counted = begin
            yield Fill(owner, name, line, is_foreign)


def _collect(body: Sequence[ast.stmt], imported: set[str], bound: set[str]) -> None:
    """Collect the names that a module imports, and those that it binds to classes and values."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imported |= {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ClassDef):
            bound.add(statement.name)
        elif isinstance(statement, ast.Assign):
            bound |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign):
            bound |= {statement.target.id} if isinstance(statement.target, ast.Name) else set()
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            for inner in (getattr(statement, name, ()) for name in ("body", "orelse", "finalbody")):
                _collect(inner, imported, bound)
            for handler in getattr(statement, "handlers", ()):
                _collect(handler.body, imported, bound)
