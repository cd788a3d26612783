"""Values for the types in the tables: ``sqlite3.Cursor``, ``list[str]``, ``(socket.socket, str)``."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.values import Collection, External, Instance, TupleValue

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value

__all__ = ["instance_named"]


def instance_named(text: str, receiver: Value = UNKNOWN) -> Value:
    """Return a value of a type in the tables' notation.

    Args:
        text: The type.
        receiver: The object whose method is called, which the type ``self`` means.
    """
    if text == "self":
        return receiver
    return _read(text) if text else UNKNOWN


@cache
def _read(text: str) -> Value:
    return _made(ast.parse(text.replace("()", "__called__"), mode="eval").body)


def _made(node: ast.expr) -> Value:
    if isinstance(node, ast.Tuple):
        return TupleValue(tuple(map(_made, node.elts)))
    if isinstance(node, ast.Subscript):
        name = ast.unparse(node.value).replace("__called__", "()")
        elements = _made(node.slice)
        if name in {"list", "generator"}:
            return Collection(name, elements)
        return Instance(External(name), elements=elements)
    name = ast.unparse(node).replace("__called__", "()")
    return Collection(name, UNKNOWN) if name == "generator" else Instance(External(name))
