"""Calls of outside code, which is not read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.bases import UNKNOWN

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.scopes import Arguments


__all__ = ["Call"]


class Call(NamedTuple):
    """A call of outside code.

    Attributes:
        name: The dotted name of what is called.
        receiver: The object whose method it is, if it is one.
        arguments: The arguments.
        frame: The function that calls it.
        node: Where.
        is_awaited: Whether the result is awaited at once.
    """

    name: str
    receiver: Value | None
    arguments: Arguments
    frame: Frame
    node: ast.expr
    is_awaited: bool

    def argument(self, position: int, name: str = "") -> Value:
        """Return an argument; unknown where it is not given."""
        value = self.arguments.get(position, name)
        return UNKNOWN if value is None else value

    def expression(self, position: int) -> ast.expr:
        """Return the expression of an argument, or that of the call."""
        if isinstance(self.node, ast.Call) and position < len(self.node.args):
            return self.node.args[position]
        return self.node
