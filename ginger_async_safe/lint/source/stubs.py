"""Stubs: functions that only declare what others implement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_abstract", "is_stub"]

_ABSTRACT = frozenset({"abstractclassmethod", "abstractmethod", "abstractproperty", "abstractstaticmethod"})


def is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef, *, in_protocol: bool) -> bool:
    """Return whether a method is meant to be overridden: it is decorated as abstract, or does nothing but refuse.

    Args:
        node: The method.
        in_protocol: Whether its class is a protocol, in which an empty method is abstract too.
    """
    for decorator in node.decorator_list:
        name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        if name in _ABSTRACT:
            return True
    body = _without_docstring(node.body)
    if len(body) == 1 and _refuses(body[0]):
        return True
    return in_protocol and all(map(_is_empty, body))


def is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function has no body to speak of, so that only its annotation says what it returns."""
    body = _without_docstring(node.body)
    return all(_is_empty(each) or _refuses(each) for each in body)


def _without_docstring(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    first = body[0]
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return body[1:] if is_text else body


def _is_empty(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
    return isinstance(node, ast.Pass)


def _refuses(node: ast.stmt) -> bool:
    """Return whether a statement raises ``NotImplementedError``."""
    if not isinstance(node, ast.Raise):
        return False
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"
