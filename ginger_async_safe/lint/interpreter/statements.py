"""Statements: their events, and what names are bound to after them."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules.imports import OF_STATEMENTS
from ginger_async_safe.lint.domain.events import block
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    ClassValue,
    Closure,
    TypeForm,
)
from ginger_async_safe.lint.interpreter.assignments import (
    execute_annotated,
    execute_assign,
    execute_augmented,
    execute_delete,
)
from ginger_async_safe.lint.interpreter.branches import (
    execute_async_for,
    execute_break,
    execute_continue,
    execute_for,
    execute_if,
    execute_try,
    execute_while,
)
from ginger_async_safe.lint.interpreter.contexts import execute_async_with, execute_with
from ginger_async_safe.lint.interpreter.converting import truth
from ginger_async_safe.lint.interpreter.decorators import apply_decorators
from ginger_async_safe.lint.interpreter.fills import filled_variable
from ginger_async_safe.lint.interpreter.matching import execute_match
from ginger_async_safe.lint.interpreter.names import imported, imported_from, of_module
from ginger_async_safe.lint.interpreter.narrowing import narrow
from ginger_async_safe.lint.source.symbols import TYPE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.scopes import Scope
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["execute"]

_IMPORT = OF_STATEMENTS.target


def execute(interpreter: Interpreter, body: Sequence[ast.stmt], frame: Frame) -> bool:
    """Execute statements, and return whether what follows them is reached."""
    for statement in body:
        handler = _HANDLERS.get(type(statement), _of_unknown_kind)
        if not handler(interpreter, statement, frame):
            return False
    return True


def _of_unknown_kind(interpreter: Interpreter, node: ast.stmt, frame: Frame) -> bool:
    """Execute the parts of a statement of an unknown kind, which a newer Python may have added."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            interpreter.evaluate(part, frame)
        elif isinstance(part, ast.stmt):
            execute(interpreter, [part], frame)
    return True


def _expression(interpreter: Interpreter, node: ast.Expr, frame: Frame) -> bool:
    interpreter.evaluate(node.value, frame)
    return True


def _return(interpreter: Interpreter, node: ast.Return, frame: Frame) -> bool:
    frame.returned.append(NOTHING if node.value is None else interpreter.evaluate(node.value, frame))
    frame.leave()
    return False


def _raise(interpreter: Interpreter, node: ast.Raise, frame: Frame) -> bool:
    for part in (node.exc, node.cause):
        if part is not None:
            interpreter.evaluate(part, frame)
    return False


def _assert(interpreter: Interpreter, node: ast.Assert, frame: Frame) -> bool:
    known = truth(interpreter, interpreter.evaluate(node.test, frame), node.test, frame)
    narrow(interpreter, node.test, frame, holds=True)
    return known is not False or not isinstance(node.test, ast.Constant)


def _function(interpreter: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    closure = Closure(frame.module, f"{local}.<locals>.{node.name}", node, frame.scope, frame.owner)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            interpreter.evaluate(default, frame)
    if isinstance(node, ast.AsyncFunctionDef):
        frame.closures.append(closure)
    frame.scope.bind(node.name, apply_decorators(interpreter, closure, node, frame))
    return True


def _class(interpreter: Interpreter, node: ast.ClassDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    cls = ClassValue(frame.module, f"{local}.<locals>.{node.name}", frame.scope, node)
    for statement in node.body:
        if isinstance(statement, ast.AsyncFunctionDef):
            frame.closures.append(
                Closure(frame.module, f"{cls.qualname}.{statement.name}", statement, frame.scope, cls)
            )
    frame.scope.bind(node.name, apply_decorators(interpreter, cls, node, frame))
    return True


def _import(interpreter: Interpreter, node: ast.Import, frame: Frame) -> bool:
    for alias in node.names:
        _note_import(interpreter, alias.name, node, frame)
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        frame.scope.bind(alias.asname or name, imported(interpreter, name, frame))
    return True


def _import_from(interpreter: Interpreter, node: ast.ImportFrom, frame: Frame) -> bool:
    if node.module is not None and not node.level:
        _note_import(interpreter, node.module, node, frame)
    for alias in node.names:
        if alias.name != "*":
            frame.scope.bind(alias.asname or alias.name, imported_from(interpreter, node, alias.name, frame))
    return True


def _note_import(interpreter: Interpreter, name: str, node: ast.stmt, frame: Frame) -> None:
    """Record the import of an installed package, where the settings ask for it and the module has not imported it at its top."""
    rule = interpreter.rules.of(_IMPORT)
    package = name.partition(".")[0]
    if (
        rule is None
        or package in sys.stdlib_module_names
        or interpreter.project.find(package, frame.module) is not None
    ):
        return
    bindings = interpreter.project.symbols(frame.module).bindings.values()
    imports = (binding.node for several in bindings for binding in several if not binding.is_for_types)
    if package not in {each for statement in imports for each in _packages(statement)}:
        block(frame, node, rule, name)


def _packages(node: ast.AST) -> list[str]:
    """Return the packages that an import statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [(node.module or "").partition(".")[0]] if isinstance(node, ast.ImportFrom) and not node.level else []


def _global(interpreter: Interpreter, node: ast.Global, frame: Frame) -> bool:
    frame.globals.update(node.names)
    for name in node.names:
        value = of_module(interpreter, frame.module, name, frame)
        if value is not None:
            if name in interpreter.fills.by_name:
                value = filled_variable(interpreter, frame.module, name, value, frame)
            frame.scope.names.setdefault(name, value)
    return True


def _nonlocal(_: Interpreter, node: ast.Nonlocal, frame: Frame) -> bool:
    for name in node.names:
        scope: Scope | None = frame.scope.parent
        while scope is not None and name not in scope.names:
            scope = scope.parent
        if scope is not None:
            frame.scope.nonlocals[name] = scope
    return True


def _type_alias(interpreter: Interpreter, node: ast.stmt, frame: Frame) -> bool:
    name: ast.Name = node.name  # type: ignore[attr-defined]
    frame.scope.bind(name.id, TypeForm(interpreter.evaluate_annotation(node.value, frame)))  # type: ignore[attr-defined]
    return True


_HANDLERS: dict[type[ast.stmt], Callable[..., bool]] = {
    ast.Expr: _expression,
    ast.Assign: execute_assign,
    ast.AnnAssign: execute_annotated,
    ast.AugAssign: execute_augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: execute_delete,
    ast.If: execute_if,
    ast.For: execute_for,
    ast.AsyncFor: execute_async_for,
    ast.While: execute_while,
    ast.Break: execute_break,
    ast.Continue: execute_continue,
    ast.Try: execute_try,
    ast.With: execute_with,
    ast.AsyncWith: execute_async_with,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Match: execute_match,
}


if TYPE_ALIAS is not None:
    _HANDLERS[TYPE_ALIAS] = _type_alias

_WITH_GROUPS: type[ast.stmt] | None = getattr(ast, "TryStar", None)  # since Python 3.11
if _WITH_GROUPS is not None:
    _HANDLERS[_WITH_GROUPS] = execute_try
