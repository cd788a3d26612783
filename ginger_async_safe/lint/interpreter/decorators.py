"""Decorators: known ones, and those of the project."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown
from ginger_async_safe.lint.domain.kinds import Decoration
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    ClassValue,
    Closure,
    Constant,
    Decorated,
    External,
    FunctionValue,
    ModuleValue,
    Partial,
    TupleValue,
)
from ginger_async_safe.lint.knowledge.known import ALLOWING, MARKING
from ginger_async_safe.lint.knowledge.orm import is_atomic

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["CALLED", "apply_decorator", "apply_decorators", "grant_of", "grants_of", "marked_with"]

_DECORATIONS = {
    "staticmethod": Decoration.STATIC_METHOD,
    "classmethod": Decoration.CLASS_METHOD,
    "property": Decoration.PROPERTY,
    "abc.abstractproperty": Decoration.PROPERTY,
    "functools.cached_property": Decoration.CACHED_PROPERTY,
    "django.utils.functional.cached_property": Decoration.CACHED_PROPERTY,
    "gingerdj.utils.functional.cached_property": Decoration.CACHED_PROPERTY,
    "asgiref.sync.sync_to_async": Decoration.IN_THREAD,
    "channels.db.database_sync_to_async": Decoration.IN_THREAD,
    "asgiref.sync.async_to_sync": Decoration.ON_LOOP,
    "contextlib.contextmanager": Decoration.CONTEXT_MANAGER,
    "contextlib.asynccontextmanager": Decoration.ASYNC_CONTEXT_MANAGER,
}

CALLED = frozenset({*_DECORATIONS} - {"asgiref.sync.sync_to_async", "channels.db.database_sync_to_async"})
"""Decorators that a call gives their function to, and nothing else."""


def apply_decorators(
    interpreter: Interpreter,
    value: FunctionValue | ClassValue | Closure,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    frame: Frame,
) -> Value:
    """Return a function or class after its decorators."""
    result: Value = value
    fix = interpreter.marks.fix_in_settings(value.name)
    if fix is not None:
        result = marked_with(value, fix)
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter", "getter", "register"}:
            continue
        with_what = interpreter.evaluate(decorator, frame.detached())
        made = apply_decorator(interpreter, with_what, result, decorator, frame)
        result = result if isinstance(made, Unknown) and not _is_read(with_what) else made
    return result


def marked_with(function: Value, fix: str) -> Decorated:
    """Return a function as marked, with its fix."""
    return Decorated(Decoration.MARKED, function, (fix,))


def _is_read(decorator: Value) -> bool:
    return isinstance(decorator, (FunctionValue, Closure, ClassValue))


def apply_decorator(interpreter: Interpreter, decorator: Value, function: Value, node: ast.expr, frame: Frame) -> Value:
    """Return a function after a decorator; unknown where the decorator is."""
    positional: tuple[Value, ...] = ()
    named: dict[str, Value] = {}
    if isinstance(decorator, Partial) and isinstance(decorator.function, External):
        positional, named, decorator = decorator.positional, dict(decorator.named), decorator.function
    if isinstance(decorator, External):
        return _by_known(decorator.name, function, positional, named)
    if isinstance(decorator, (Unknown, ModuleValue)):
        return UNKNOWN
    return interpreter.call(decorator, Arguments((function,)), frame.detached(), node)


def _by_known(name: str, function: Value, positional: tuple[Value, ...], named: dict[str, Value]) -> Value:
    if name in MARKING:
        fix = named.get("fix")
        return marked_with(function, str(fix.value) if isinstance(fix, Constant) else "")
    if name in ALLOWING:
        return Decorated(Decoration.GRANTED, function, _patterns_of(Arguments(positional, tuple(named.items()))))
    kind = _DECORATIONS.get(name)
    if kind is not None:
        return Decorated(kind, function)
    if is_atomic(name):
        return Decorated(Decoration.ATOMIC, function, (name,))
    return UNKNOWN


def grant_of(value: Value) -> tuple[Patterns | None] | None:
    """Return the grant that a value is: its patterns, or ``None`` for all calls, in a tuple; ``None`` where it is no grant."""
    if (
        not isinstance(value, Partial)
        or not isinstance(value.function, External)
        or value.function.name not in ALLOWING
    ):
        return None
    patterns = _patterns_of(Arguments(value.positional, value.named))
    try:
        return (Patterns(patterns) if patterns else None,)
    except ConfigurationError:
        return None  # it raises when the program runs


def grants_of(interpreter: Interpreter, node: ast.AsyncFunctionDef, frame: Frame) -> list[Patterns | None]:
    """Return the grants among the decorators of a function."""
    found = [grant_of(interpreter.evaluate(each, frame.detached())) for each in node.decorator_list]
    return [grant[0] for grant in found if grant is not None]


def _patterns_of(arguments: Arguments) -> tuple[str, ...]:
    """Return the patterns of the calls that a grant allows; none where it allows all."""
    calls = arguments.get(-1, "calls")
    if isinstance(calls, Constant) and isinstance(calls.value, str):
        return tuple(part.strip() for part in calls.value.split(","))
    if isinstance(calls, TupleValue):
        return tuple(str(item.value) for item in calls.items if isinstance(item, Constant))
    return ()
