"""Shared state: what a program keeps on its web application, for other functions to read.

Starlette, FastAPI and Litestar have ``app.state.name`` and ``request.state.name``, Sanic has ``app.ctx.name``, and aiohttp
has ``app["name"]``. The objects are typed too loosely to follow, so places are identified by how they are written.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.source.symbols import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Store", "place_of", "stores_in"]

_NAMESPACES = frozenset({"ctx", "state"})
_OWNERS = frozenset({"app", "application", "connection", "req", "request", "websocket", "ws"})
_STORES = re.compile(rb"\.(?:ctx|state)\.\w+[^=\n]*=[^=]|\bapp(?:lication)?\[[^\]\n]+\][^=\n]*=[^=]")


class Store(NamedTuple):
    """A function that puts something into the shared state.

    Attributes:
        place: Where it puts it.
        qualname: The qualified name of the function; empty for the module itself.
        line: The line of its definition.
    """

    place: str
    qualname: str
    line: int


def place_of(node: ast.expr) -> str:
    """Return the place in the shared state that an expression is; empty where it is none."""
    if isinstance(node, ast.Attribute):
        inner = node.value
        if isinstance(inner, ast.Attribute) and inner.attr in _NAMESPACES and _last_name(inner.value) in _OWNERS:
            return f"state.{node.attr}"
    elif isinstance(node, ast.Subscript) and _last_name(node.value) in {"app", "application"}:
        key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return f"app[{key.value!r}]"
        if name := _last_name(key):
            return f"app[{name}]"
    return ""


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def stores_in(tree: ast.Module, data: bytes) -> Iterator[Store]:
    """Yield the functions of a module that put something into the shared state, once for each place."""
    if _STORES.search(data) is None:
        return
    for statement in tree.body:
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from (Store(place, "", 0) for place in _places(statement))
    for qualname, node in definitions(tree.body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (Store(place, qualname, node.lineno) for place in _places(node))


def _places(node: ast.AST) -> list[str]:
    found: dict[str, None] = {}
    for each in ast.walk(node):
        targets = (
            each.targets if isinstance(each, ast.Assign) else [each.target] if isinstance(each, ast.AnnAssign) else []
        )
        for target in targets:
            if place := place_of(target):
                found[place] = None
    return list(found)
