"""What statements do, and what the names are bound to after them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.assignments import read_annotated, read_assign, read_augmented, read_delete
from ginger_async_safe.lint.branches import read_async_for, read_break, read_for, read_if, read_try, read_while
from ginger_async_safe.lint.contexts import read_async_with, read_with
from ginger_async_safe.lint.decorating import decorated
from ginger_async_safe.lint.iterating import truth
from ginger_async_safe.lint.matching import read_match
from ginger_async_safe.lint.names import imported, imported_from, of_module
from ginger_async_safe.lint.narrowing import narrowed
from ginger_async_safe.lint.values import (
    NOTHING,
    ClassValue,
    Closure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.frames import Frame, Scope
    from ginger_async_safe.lint.machine import Machine

__all__ = ["execute"]


def execute(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> bool:
    """Read statements, and tell whether what follows them is reached."""
    for statement in body:
        handler = _HANDLERS.get(type(statement))
        if handler is not None and not handler(machine, statement, frame):
            return False
    return True


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> bool:
    machine.evaluate(node.value, frame)
    return True


def _return(machine: Machine, node: ast.Return, frame: Frame) -> bool:
    frame.returned.append(NOTHING if node.value is None else machine.evaluate(node.value, frame))
    return False


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> bool:
    for part in (node.exc, node.cause):
        if part is not None:
            machine.evaluate(part, frame)
    return False


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> bool:
    known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    narrowed(machine, node.test, frame, holds=True)
    return known is not False or not isinstance(node.test, ast.Constant)


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    closure = Closure(frame.module, f"{local}.<locals>.{node.name}", node, frame.scope, frame.owner)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            machine.evaluate(default, frame)
    if isinstance(node, ast.AsyncFunctionDef):
        frame.closures.append(closure)
    frame.scope.bind(node.name, decorated(machine, closure, node, frame))
    return True


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    cls = ClassValue(frame.module, f"{local}.<locals>.{node.name}", frame.scope, node)
    for statement in node.body:
        if isinstance(statement, ast.AsyncFunctionDef):
            frame.closures.append(
                Closure(frame.module, f"{cls.qualname}.{statement.name}", statement, frame.scope, cls)
            )
    frame.scope.bind(node.name, decorated(machine, cls, node, frame))
    return True


def _import(machine: Machine, node: ast.Import, frame: Frame) -> bool:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        frame.scope.bind(alias.asname or name, imported(machine, name, frame))
    return True


def _import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> bool:
    for alias in node.names:
        if alias.name != "*":
            frame.scope.bind(alias.asname or alias.name, imported_from(machine, node, alias.name, frame))
    return True


def _global(machine: Machine, node: ast.Global, frame: Frame) -> bool:
    for name in node.names:
        value = of_module(machine, frame.module, name, frame)
        if value is not None:
            frame.scope.names.setdefault(name, value)
    return True


def _nonlocal(_: Machine, node: ast.Nonlocal, frame: Frame) -> bool:
    for name in node.names:
        scope: Scope | None = frame.scope.parent
        while scope is not None and name not in scope.names:
            scope = scope.parent
        if scope is not None:
            frame.scope.nonlocals[name] = scope
    return True


_HANDLERS: dict[type[ast.stmt], Callable[..., bool]] = {
    ast.Expr: _expression,
    ast.Assign: read_assign,
    ast.AnnAssign: read_annotated,
    ast.AugAssign: read_augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: read_delete,
    ast.If: read_if,
    ast.For: read_for,
    ast.AsyncFor: read_async_for,
    ast.While: read_while,
    ast.Break: read_break,
    ast.Continue: lambda *_: False,
    ast.Try: read_try,
    ast.With: read_with,
    ast.AsyncWith: read_async_with,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Match: read_match,
}


_WITH_GROUPS: type[ast.stmt] | None = getattr(ast, "TryStar", None)  # since Python 3.11
if _WITH_GROUPS is not None:
    _HANDLERS[_WITH_GROUPS] = read_try
