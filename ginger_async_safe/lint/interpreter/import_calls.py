"""Calls at import: what they do once only is not done again in an event loop."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import External, FunctionValue
from ginger_async_safe.lint.knowledge.known import CACHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.project import Module
    from ginger_async_safe.lint.source.symbols import Symbols

__all__ = ["note_calls"]


def note_calls(interpreter: Interpreter, module: Module, calls: Iterable[str]) -> None:
    """Note the functions that a module calls at import, those that do their work once only.

    Only those of its own package count: whether a script imports another application is not known.
    """
    frame = Frame(Scope(module), module.name)
    for call in calls:
        function = interpreter.evaluate(ast.parse(call, mode="eval").body, frame)
        if not isinstance(function, FunctionValue) or not _is_together(module, function.module):
            continue
        node = interpreter.definition(function)
        if not isinstance(node, ast.FunctionDef):
            continue
        inner = Frame(Scope(function.module), function.module.name)
        if any(_is_cache(interpreter, decorator, inner) for decorator in node.decorator_list):
            interpreter.imports.cached.add(function)
        symbols = interpreter.project.symbols(function.module)
        for name in _global_in(node):
            if _fills(node.body, name) and not _is_emptied(symbols, name):
                interpreter.imports.names.add((function.module, name))


def _is_together(module: Module, other: Module) -> bool:
    """Return whether an application that imports one of two modules may be expected to import the other."""
    if module is other:
        return True
    is_test = any(part.startswith("test") or part in {"conftest", "__main__"} for part in module.name.split("."))
    return not is_test and module.name.partition(".")[0] == other.name.partition(".")[0]


def _is_cache(interpreter: Interpreter, decorator: ast.expr, frame: Frame) -> bool:
    value = interpreter.evaluate(decorator.func if isinstance(decorator, ast.Call) else decorator, frame)
    return isinstance(value, External) and value.name in CACHING


def _global_in(node: ast.FunctionDef) -> set[str]:
    return {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}


def _fills(body: Iterable[ast.stmt], name: str) -> bool:
    """Return whether statements set a name, at the latest where it is not set yet."""
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return not (isinstance(statement.value, ast.Constant) and not statement.value.value)
        is_unset = isinstance(statement, ast.If) and _asks_whether_unset(statement.test, name)
        is_entered = is_unset or isinstance(statement, (ast.With, ast.Try))
        if is_entered and _fills(statement.body, name):  # type: ignore[attr-defined]
            return True
    return False


def _asks_whether_unset(test: ast.expr, name: str) -> bool:
    return ast.unparse(test) in {f"{name} is None", f"not {name}", f"{name} is False", f"{name} == None"}


def _is_emptied(symbols: Symbols, name: str) -> bool:
    """Return whether a function sets a name back to nothing."""
    return any(
        not binding.is_certain and isinstance(binding.node, ast.Constant) and not binding.node.value
        for binding in symbols.bindings.get(name, ())
    )
