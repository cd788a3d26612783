"""The name of a place that stays the same when its line moves: the innermost named function around it."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.violation import Place

__all__ = ["named", "stable_name"]

_NAMELESS = re.compile(r"(\.<locals>)?\.<(lambda|genexpr|listcomp|setcomp|dictcomp)>$")
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def stable_name(place: Place) -> str:
    """Return the qualified name of the innermost named function, or class body, around a place.

    Lambdas and comprehensions count as part of the function around them: some are functions of their own in one version
    of Python and not in the next. Code objects of Python 3.10 have no qualified name, so there this reads the file.
    """
    name = place.qualname or place.function
    if sys.version_info < (3, 11):
        name = _from_source(place) or name
    return named(name)


def named(name: str) -> str:
    """Return a qualified name without the lambdas and comprehensions at its end."""
    while (shorter := _NAMELESS.sub("", name)) != name:
        name = shorter
    return name


def _from_source(place: Place) -> str:
    try:
        version = Path(place.file).stat().st_mtime_ns
    except OSError:  # code that has no file
        return ""
    around = [name for first, last, name in _functions(place.file, version) if first <= place.line <= last]
    name = around[-1] if around else ""
    is_nameless = _NAMELESS.fullmatch(f".{place.function}") is not None
    return name if is_nameless or name.rpartition(".")[2] == place.function else ""


@lru_cache(maxsize=256)
def _functions(file: str, _version: int) -> tuple[tuple[int, int, str], ...]:
    """Return first line, last line and name of each function and class of a file, outer ones before inner ones.

    Args:
        file: The file.
        _version: Its modification time in nanoseconds, so that a changed file is read again.
    """
    try:
        with tokenize.open(file) as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):  # the file was deleted, or has changed
        return ()
    return tuple(_found(tree, ""))


def _found(node: ast.AST, prefix: str) -> Iterator[tuple[int, int, str]]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, _NAMED):
            yield child.lineno, child.end_lineno or child.lineno, prefix + child.name
            inner = f"{prefix}{child.name}.{'' if isinstance(child, ast.ClassDef) else '<locals>.'}"
        yield from _found(child, inner)
