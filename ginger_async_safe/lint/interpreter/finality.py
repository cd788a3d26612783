"""Annotations with ``Final``, which say that a name is never bound to anything else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.values import External

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["is_final"]

_FINAL = External("typing.Final")


def is_final(interpreter: Interpreter, node: ast.expr, frame: Frame) -> bool:
    """Return whether an annotation says that a name is never bound to anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return is_final(interpreter, ast.parse(node.value.strip(), mode="eval").body, frame)
        except SyntaxError:
            return False
    if isinstance(node, ast.Subscript):
        base = interpreter.evaluate(node.value, frame.detached())
        if base in (External("typing.Annotated"), External("typing.ClassVar")):
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            return is_final(interpreter, inner, frame)
        return base == _FINAL
    return isinstance(node, (ast.Name, ast.Attribute)) and interpreter.evaluate(node, frame.detached()) == _FINAL
