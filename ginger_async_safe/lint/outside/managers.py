"""Calls that make managers of GingerDJ's and Django's ORM, and its shortcuts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.blocking import block_as
from ginger_async_safe.lint.knowledge.orm import FRAMEWORKS, SHORTCUTS, framework_of
from ginger_async_safe.lint.models import manager_of
from ginger_async_safe.lint.values import (
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Partial,
    QuerySet,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.outside.call import Call, Handler
    from ginger_async_safe.lint.values import Value


__all__ = ["HANDLERS", "shortcut"]


def _manager_made(_: Machine, call: Call) -> Value:
    return call.argument(0)


def _manager_class(_: Machine, call: Call) -> Value:
    """Read ``SomeManager.from_queryset(SomeQuerySet)``, which is a class."""
    manager, queryset = call.argument(0), call.argument(1)
    if isinstance(manager, QuerySet) and isinstance(queryset, ClassValue):
        manager = replace(manager, classes=(*manager.classes, queryset))
    return Partial(External("<manager>"), (manager,), ())


def _plain_manager_class(_: Machine, call: Call) -> Value:
    queryset = call.argument(0)
    framework = framework_of(call.name) or ""
    if isinstance(queryset, ClassValue):
        return Partial(External("<manager>"), (QuerySet(framework, UNKNOWN, "manager", classes=(queryset,)),), ())
    return UNKNOWN


def _plain_manager(_: Machine, call: Call) -> Value:
    return QuerySet(framework_of(call.name) or "", UNKNOWN, "manager")


def _user_model(_: Machine, call: Call) -> Value:
    return External(f"{framework_of(call.name)}.contrib.auth.models.User")


def shortcut(machine: Machine, call: Call) -> Value | None:
    """Return what a shortcut gives, and note what it asks; ``None`` where a call is no shortcut."""
    framework = framework_of(call.name)
    known = None if framework is None else SHORTCUTS.get(call.name.partition(".")[2])
    if known is None:
        return None
    method, mend = known
    given = call.argument(0)
    if isinstance(given, (ClassValue, External)):
        given = manager_of(machine, given, "objects", call.frame) or UNKNOWN
    instance = orm.instance_of(given) if isinstance(given, QuerySet) else UNKNOWN
    result = Collection("list", instance) if "list" in call.name else instance
    if not method:
        return Awaitable(result)
    block_as(call.frame, call.node, f"orm:{method}", call.name, mend, "it asks the database")
    return result


HANDLERS: dict[str, Handler] = {
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
"""What reads the calls of each name."""
