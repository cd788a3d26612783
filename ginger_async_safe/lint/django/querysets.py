"""Querysets, managers and instances of models: most methods are lazy, and query the database on use."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.events import block_as
from ginger_async_safe.lint.domain.fixes import fix_of, in_short
from ginger_async_safe.lint.domain.kinds import QuerySetKind, Rows
from ginger_async_safe.lint.domain.values import (
    TEXT,
    Awaitable,
    ClassValue,
    Collection,
    Constant,
    External,
    Instance,
    TupleValue,
)
from ginger_async_safe.lint.knowledge.orm import (
    ATOMIC,
    CONNECTION_METHODS,
    CURSOR_METHODS,
    EVALUATIONS,
    INSTANCE_METHODS,
    LAZY,
    QUERIES,
    RELATED_METHODS,
    Evaluation,
    QueryResult,
)
from ginger_async_safe.lint.knowledge.orm_rules import (
    CONNECTION,
    CURSOR,
    EVALUATING,
    MODEL,
    QUERYSET,
    RELATED,
    RELATION,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.scopes import Arguments
    from ginger_async_safe.lint.domain.values import QuerySet

__all__ = [
    "begin_transaction",
    "call_on_connection",
    "call_on_instance",
    "call_on_queryset",
    "evaluate",
    "instance_of",
    "item",
    "keep_results",
]

_LOADING = frozenset({"select_related", "prefetch_related"})
_VALUES = frozenset({"values", "values_list", "dates", "datetimes"})
_MADE_BY = {"raw": QuerySetKind.RAW, "none": QuerySetKind.NONE}


def begin_transaction(name: str, node: ast.expr, frame: Frame) -> None:
    """Record that a transaction begins and ends."""
    block_as(frame, node, "orm:atomic", name, ATOMIC[1], "it queries the database")


def _call_of(value: QuerySet, method: str, owner: str = QUERYSET) -> str:
    return f"{value.framework}.{owner}.{method}"


def evaluate(value: QuerySet, how: Evaluation, node: ast.expr, frame: Frame) -> Value:
    """Evaluate a queryset, and return its elements.

    Args:
        value: The queryset.
        how: The way to evaluate it.
        node: The expression.
        frame: The current frame.
    """
    if value.kind in (QuerySetKind.MANAGER, QuerySetKind.NONE):
        return UNKNOWN  # a manager cannot be iterated, and none() makes no query
    if not value.is_evaluated:
        _block_evaluation(value, how, node, frame)
        keep_results(value, node, frame)
    return instance_of(value)


def keep_results(value: QuerySet, node: ast.expr, frame: Frame) -> None:
    """Note that the results of a queryset are loaded, if it is the value of a variable."""
    if isinstance(node, ast.Name):
        frame.scope.rebind(node.id, value, replace(value, is_evaluated=True))


def item(value: QuerySet, node: ast.Subscript, frame: Frame) -> Value:
    """Return an item of a queryset, or a slice of one whose results are loaded."""
    if isinstance(node.slice, ast.Slice):
        return Collection("list", instance_of(value))
    if value.kind is QuerySetKind.MANAGER:  # it has no items
        return UNKNOWN
    if not value.is_evaluated and value.kind is not QuerySetKind.NONE:
        _block_evaluation(value, Evaluation.INDEX, node, frame)
    return instance_of(value)


def _block_evaluation(value: QuerySet, how: Evaluation, node: ast.expr, frame: Frame) -> None:
    call = _call_of(value, EVALUATING[how])
    block_as(frame, node, f"orm:{how.value}", call, EVALUATIONS[how], "the queryset is evaluated here")


def instance_of(value: QuerySet) -> Value:
    """Return an element of a queryset."""
    if value.rows is not Rows.INSTANCES or not isinstance(value.model, (ClassValue, External)):
        return UNKNOWN
    return Instance(value.model, loaded=value.loaded)


def call_on_queryset(  # noqa: PLR0911 - one for each kind of method
    value: QuerySet, name: str, arguments: Arguments, node: ast.Call, frame: Frame
) -> Value:
    """Call a method of a queryset or manager, and return what it returns."""
    if name in LAZY:
        return _lazy(value, name, arguments)
    if name == "iterator":
        return replace(value, kind=QuerySetKind.QUERYSET, is_evaluated=False)
    if name == "aiterator":
        return Collection("async_iterator", instance_of(value))
    query, owner = QUERIES.get(name), QUERYSET
    if query is None and value.by_relation:
        query, owner = RELATED_METHODS.get(name), RELATED
    if query is not None:
        if value.kind is QuerySetKind.NONE or (name == "count" and value.is_evaluated):
            return UNKNOWN
        fix = _twin_fix(node, query.twin)
        block_as(frame, node, f"orm:{name}", _call_of(value, name, owner), fix, "it queries the database")
        return _result(value, query.result, name, arguments)
    query = QUERIES.get(name[1:]) or RELATED_METHODS.get(name[1:])
    if query is not None and name.startswith("a"):
        return Awaitable(_result(value, query.result, name[1:], arguments))
    return UNKNOWN


def _lazy(value: QuerySet, name: str, arguments: Arguments) -> Value:
    loaded = value.loaded
    if name in _LOADING:
        names = [
            item.value for item in arguments.positional if isinstance(item, Constant) and isinstance(item.value, str)
        ]
        loaded |= {"__".join(each.split("__")[:length]) for each in names for length in range(1, each.count("__") + 2)}
        if not names:
            loaded |= {"*"}
    return replace(
        value,
        kind=value.kind if value.kind is QuerySetKind.NONE else _MADE_BY.get(name, QuerySetKind.QUERYSET),
        rows=Rows.VALUES if name in _VALUES else value.rows,
        loaded=frozenset(loaded),
        is_evaluated=value.is_evaluated and name == "all" and bool(value.by_relation),
    )


def _result(value: QuerySet, result: QueryResult, name: str, arguments: Arguments) -> Value:
    instance = instance_of(value)
    if result is QueryResult.INSTANCE:
        if isinstance(instance, Instance) and name == "create":
            return replace(instance, loaded=value.loaded | {given for given, _ in arguments.named})
        return instance
    if result is QueryResult.PAIR:
        return TupleValue((instance, UNKNOWN))
    if result is QueryResult.MANY:
        return Collection("dict", TEXT, instance) if name == "in_bulk" else Collection("list", instance)
    return Collection("dict", TEXT, UNKNOWN) if name == "aggregate" else UNKNOWN


def _twin_fix(node: ast.Call, twin: str) -> str:
    if not twin or not isinstance(node.func, ast.Attribute):
        return fix_of(node)
    owner = in_short(node.func.value)
    return f"await {owner}.{twin}({'...' if node.args or node.keywords else ''})"


def call_on_instance(framework: str, name: str, node: ast.Call, frame: Frame) -> Value:
    """Call a method of an instance of a model."""
    query = INSTANCE_METHODS.get(name)
    if query is None:
        return Awaitable(UNKNOWN)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    is_super = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
    fix = fix_of(node) if is_super else _twin_fix(node, query.twin)
    block_as(frame, node, f"orm:{name}", f"{framework}.{MODEL}.{name}", fix, "it queries the database")
    return UNKNOWN


def relation(instance: Instance, name: str, node: ast.expr, frame: Frame, framework: str) -> None:
    """Follow a relation of an instance; a query loads the other instance if it was not loaded."""
    if instance.loaded is not None and (name in instance.loaded or "*" in instance.loaded):
        return
    owner = in_short(node.value) if isinstance(node, ast.Attribute) else "..."
    block_as(
        frame,
        node,
        "orm:relation",
        f"{framework}.{RELATION}",
        f'select_related("{name}") where {owner} is loaded',
        f"{name} is loaded from the database when it is first used",
    )
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        loaded = replace(instance, loaded=(instance.loaded or frozenset()) | {name})
        frame.scope.rebind(node.value.id, instance, loaded)


def call_on_connection(name: str, node: ast.Call, frame: Frame, framework: str) -> Value | None:
    """Call a method of a connection or of a cursor of it, or return ``None`` where it is not known to query the database."""
    method = name.rpartition(".")[2]
    is_of_cursor = name.startswith(f"{framework}.{CURSOR}.")
    fix = (CURSOR_METHODS if is_of_cursor else CONNECTION_METHODS).get(method)
    if fix is None:
        return None
    call = f"{framework}.{CURSOR if is_of_cursor else CONNECTION}.{method}"
    block_as(frame, node, f"orm:{method}", call, fix, "it queries the database")
    return Instance(External(f"{framework}.{CURSOR}")) if method.endswith("cursor") else UNKNOWN
