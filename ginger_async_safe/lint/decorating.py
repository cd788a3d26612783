"""What decorators make of functions: those that are known, and those that are read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint import orm
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.knowledge.known import ALLOWING, MARKING
from ginger_async_safe.lint.values import (
    UNKNOWN,
    ClassValue,
    Closure,
    External,
    FunctionValue,
    Literal,
    ModuleValue,
    Partial,
    TupleValue,
    Unknown,
    Wrapped,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["decorated", "grant_of", "grants_of", "patterns_of", "wrapped_by"]

_KINDS = {
    "staticmethod": "static",
    "classmethod": "class",
    "property": "property",
    "abc.abstractproperty": "property",
    "functools.cached_property": "cached",
    "django.utils.functional.cached_property": "cached",
    "gingerdj.utils.functional.cached_property": "cached",
    "asgiref.sync.sync_to_async": "in_thread",
    "channels.db.database_sync_to_async": "in_thread",
    "asgiref.sync.async_to_sync": "on_loop",
    "contextlib.contextmanager": "manager",
    "contextlib.asynccontextmanager": "async_manager",
}


def decorated(
    machine: Machine,
    value: FunctionValue | ClassValue | Closure,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    frame: Frame,
) -> Value:
    """Return what the decorators of a function or class make of it."""
    result: Value = value
    mend = machine.mend_of_marked(value.name)
    if mend is not None:
        result = Wrapped("marked", value, (mend,))
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter", "getter", "register"}:
            continue
        aside = frame.aside()
        with_what = machine.evaluate(decorator, aside)
        frame.modules |= aside.modules
        made = wrapped_by(machine, with_what, result, decorator, frame)
        result = result if isinstance(made, Unknown) and not _is_read(with_what) else made
    return result


def _is_read(decorator: Value) -> bool:
    return isinstance(decorator, (FunctionValue, Closure, ClassValue))


def wrapped_by(machine: Machine, decorator: Value, function: Value, node: ast.expr, frame: Frame) -> Value:
    """Return what a decorator makes of a function, or that it cannot be told."""
    positional: tuple[Value, ...] = ()
    named: dict[str, Value] = {}
    if isinstance(decorator, Partial) and isinstance(decorator.function, External):
        positional, named, decorator = decorator.positional, dict(decorator.named), decorator.function
    if isinstance(decorator, External):
        return _by_known(decorator.name, function, positional, named)
    if isinstance(decorator, (Unknown, ModuleValue)):
        return UNKNOWN
    aside = frame.aside()
    result = machine.call(decorator, Arguments((function,)), aside, node)
    frame.modules |= aside.modules
    return result


def _by_known(name: str, function: Value, positional: tuple[Value, ...], named: dict[str, Value]) -> Value:
    if name in MARKING:
        use = named.get("use")
        return Wrapped("marked", function, (str(use.value) if isinstance(use, Literal) else "",))
    if name in ALLOWING:
        return Wrapped("granted", function, patterns_of(Arguments(positional, tuple(named.items()))))
    kind = _KINDS.get(name)
    if kind is not None:
        return Wrapped(kind, function)
    if orm.is_atomic(name):
        return Wrapped("atomic", function, (name,))
    return UNKNOWN


def grant_of(value: Value) -> tuple[Patterns | None] | None:
    """Return what a value grants, for a block or function: patterns, or ``None`` for all; nothing where it is no grant."""
    if (
        not isinstance(value, Partial)
        or not isinstance(value.function, External)
        or value.function.name not in ALLOWING
    ):
        return None
    patterns = patterns_of(Arguments(value.positional, value.named))
    try:
        return (Patterns(patterns) if patterns else None,)
    except ConfigurationError:
        return None  # it fails when the program runs


def grants_of(machine: Machine, node: ast.AsyncFunctionDef, frame: Frame) -> list[Patterns | None]:
    """Return what the decorators of a function grant."""
    found = [grant_of(machine.evaluate(each, frame.aside())) for each in node.decorator_list]
    return [grant[0] for grant in found if grant is not None]


def patterns_of(arguments: Arguments) -> tuple[str, ...]:
    """Return the patterns of the calls that a grant is for; none where it is for all."""
    calls = arguments.get(-1, "calls")
    if isinstance(calls, Literal) and isinstance(calls.value, str):
        return tuple(part.strip() for part in calls.value.split(","))
    if isinstance(calls, TupleValue):
        return tuple(str(item.value) for item in calls.items if isinstance(item, Literal))
    return ()
