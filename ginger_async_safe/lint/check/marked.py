"""The functions of a project that are marked as blocking."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.kinds import Decoration
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import Decorated, function_at
from ginger_async_safe.lint.interpreter.decorators import apply_decorators
from ginger_async_safe.lint.source.symbols import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.project import Module

__all__ = ["MarkedFunction", "marked_in"]


class MarkedFunction(NamedTuple):
    """A function that is marked as blocking.

    Attributes:
        name: Its dotted name, which begins with its module's.
        fix: Its fix; empty where the mark gives none.
    """

    name: str
    fix: str


def marked_in(interpreter: Interpreter, module: Module) -> Iterator[MarkedFunction]:
    """Yield the marked functions of a module: by a decorator, by ``async_unsafe.guard``, or by the settings."""
    frame = Frame(Scope(module), module.name)
    for qualname, node in definitions(interpreter.project.tree(module).body):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        function = function_at(module, qualname, node.lineno)
        fixes = [_fix_of(apply_decorators(interpreter, function, node, frame))]
        if function.owner is not None:
            fixes.append(interpreter.marks.fix_of_guarded(function.owner.name, node.name))
        for fix in fixes:
            if fix is not None:
                yield MarkedFunction(function.name, fix)


def _fix_of(value: Value) -> str | None:
    """Return the fix of a marked function, below other decorators too; ``None`` where it is not marked."""
    while isinstance(value, Decorated):
        if value.kind is Decoration.MARKED:
            return next(iter(value.detail), "")
        value = value.function
    return None
