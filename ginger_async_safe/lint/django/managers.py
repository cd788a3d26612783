"""Calls of GingerDJ's and Django's functions: managers, shortcuts, transactions and connections."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.django import querysets
from ginger_async_safe.lint.django.models import manager_of
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown
from ginger_async_safe.lint.domain.events import block_as
from ginger_async_safe.lint.domain.kinds import Decoration, QuerySetKind
from ginger_async_safe.lint.domain.values import (
    Awaitable,
    ClassValue,
    Collection,
    Constant,
    Decorated,
    External,
    Instance,
    Partial,
    QuerySet,
)
from ginger_async_safe.lint.knowledge.orm import FRAMEWORKS, SHORTCUTS, framework_of, is_atomic

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS", "call_external"]


def _manager_made(_: Interpreter, call: Call) -> Value:
    return call.argument(0)


def _manager_class(_: Interpreter, call: Call) -> Value:
    """Call ``SomeManager.from_queryset(SomeQuerySet)``, which returns a class."""
    manager, queryset = call.argument(0), call.argument(1)
    if isinstance(manager, QuerySet) and isinstance(queryset, ClassValue):
        manager = replace(manager, classes=(*manager.classes, queryset))
    return Partial(External("<manager>"), (manager,), ())


def _plain_manager_class(_: Interpreter, call: Call) -> Value:
    queryset = call.argument(0)
    framework = framework_of(call.name) or ""
    if isinstance(queryset, ClassValue):
        return Partial(
            External("<manager>"), (QuerySet(framework, UNKNOWN, QuerySetKind.MANAGER, classes=(queryset,)),), ()
        )
    return UNKNOWN


def _plain_manager(_: Interpreter, call: Call) -> Value:
    return QuerySet(framework_of(call.name) or "", UNKNOWN, QuerySetKind.MANAGER)


def _user_model(_: Interpreter, call: Call) -> Value:
    return External(f"{framework_of(call.name)}.contrib.auth.models.User")


def call_external(interpreter: Interpreter, call: Call) -> Value | None:
    """Call a function of a framework: note the query that it makes, and return what it returns.

    Returns:
        ``None`` where the function is not known.
    """
    framework = framework_of(call.name)
    if framework is None:
        return None
    if is_atomic(call.name):
        positional = call.arguments.positional
        if positional and not isinstance(positional[0], (Constant, Unknown)):
            return Decorated(Decoration.ATOMIC, positional[0], (call.name,))
        return Instance(External(call.name))
    result = _call_shortcut(interpreter, call)
    if result is None and _is_of_connection(call.name) and isinstance(call.node, ast.Call):
        return querysets.call_on_connection(call.name, call.node, call.frame, framework)
    return result


def _is_of_connection(name: str) -> bool:
    parts = name.split(".")
    return len(parts) > 3 and parts[1] == "db" and parts[2] in {"backends", "connection", "connections"}  # noqa: PLR2004


def _call_shortcut(interpreter: Interpreter, call: Call) -> Value | None:
    known = SHORTCUTS.get(call.name.partition(".")[2])
    if known is None:
        return None
    method, fix = known
    given = call.argument(0)
    if isinstance(given, (ClassValue, External)):
        given = manager_of(interpreter, given, "objects", call.frame) or UNKNOWN
    instance = querysets.instance_of(given) if isinstance(given, QuerySet) else UNKNOWN
    result = Collection("list", instance) if "list" in call.name else instance
    if not method:
        return Awaitable(result)
    block_as(call.frame, call.node, f"orm:{method}", call.name, fix, "it queries the database")
    return result


OVERLAYS: dict[str, Overlay] = {
    "<manager>": _manager_made,
    "<from_queryset>": _manager_class,
    **{
        f"{framework}.{name}": handler
        for framework in FRAMEWORKS
        for name, handler in (
            ("db.models.Manager.from_queryset", _plain_manager_class),
            ("db.models.manager.Manager.from_queryset", _plain_manager_class),
            ("db.models.manager.BaseManager.from_queryset", _plain_manager_class),
            ("db.models.Manager", _plain_manager),
            ("db.models.manager.Manager", _plain_manager),
            ("contrib.auth.get_user_model", _user_model),
        )
    },
}
"""What certain calls of the frameworks do, by their dotted names."""
