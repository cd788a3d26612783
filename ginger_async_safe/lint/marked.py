"""The functions of a project that are marked as blocking."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.decorating import decorated
from ginger_async_safe.lint.frames import Frame, Scope
from ginger_async_safe.lint.symbols import definitions
from ginger_async_safe.lint.values import Wrapped, function_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.values import Value

__all__ = ["MarkedFunction", "marked_in"]


class MarkedFunction(NamedTuple):
    """A function that is marked as blocking.

    Attributes:
        name: Its dotted name, which begins with its module's.
        mend: What its owner says to write instead; empty where nothing is said.
    """

    name: str
    mend: str


def marked_in(machine: Machine, module: Module) -> Iterator[MarkedFunction]:
    """Give the functions of a module that are marked: by a decorator, by their class's guard, or by the settings."""
    frame = Frame(Scope(module), module.name)
    for qualname, node in definitions(machine.project.tree(module).body):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        function = function_at(module, qualname, node.lineno)
        mends = [_mend_of(decorated(machine, function, node, frame))]
        if function.owner is not None:
            mends += machine.guarded_methods(function.owner.name, node.name)
        for mend in mends:
            if mend is not None:
                yield MarkedFunction(function.name, mend)


def _mend_of(value: Value) -> str | None:
    """Return the mend of what is marked, below the other decorators too; ``None`` where it is not marked."""
    while isinstance(value, Wrapped):
        if value.kind == "marked":
            return next(iter(value.detail), "")
        value = value.function
    return None
