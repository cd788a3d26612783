"""A call of code that is not read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ginger_async_safe.lint.frames import Arguments, Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

    Handler: TypeAlias = Callable[[Machine, "Call"], Value]

__all__ = ["Call"]


class Call(NamedTuple):
    """A call of code that is not read.

    Attributes:
        name: The dotted name of what is called.
        receiver: What it is called on, if it is a method.
        arguments: What it is given.
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
        """Return an argument, or that it is not known."""
        value = self.arguments.get(position, name)
        return UNKNOWN if value is None else value

    def expression(self, position: int) -> ast.expr:
        """Return the expression of an argument, or that of the call."""
        if isinstance(self.node, ast.Call) and position < len(self.node.args):
            return self.node.args[position]
        return self.node
