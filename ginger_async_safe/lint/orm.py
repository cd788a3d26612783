"""What querysets, managers and instances of models do: most are lazy, and ask the database when they are used."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.blocking import block_as
from ginger_async_safe.lint.knowledge.orm import (
    ATOMIC,
    CONNECTION_METHODS,
    CURSOR_METHODS,
    EVALUATIONS,
    INSTANCE_METHODS,
    LAZY,
    QUERIES,
    RELATED_METHODS,
    framework_of,
    is_base,
)
from ginger_async_safe.lint.mends import in_short, mend_of
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Instance,
    Literal,
    TupleValue,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Arguments, Frame
    from ginger_async_safe.lint.values import (
        QuerySet,
        Value,
    )

__all__ = [
    "began_transaction",
    "called_on_connection",
    "called_on_instance",
    "called_on_queryset",
    "evaluated",
    "instance_of",
    "is_atomic",
    "is_method_of_instance",
    "is_method_of_queryset",
    "item",
    "note_evaluated",
]

_CONNECTION = "db.backends.base.base.BaseDatabaseWrapper"
_CURSOR = "db.backends.utils.CursorWrapper"
_QUERYSET = "db.models.query.QuerySet"
_RELATED = "db.models.fields.related.RelatedManager"
_LOADING = frozenset({"select_related", "prefetch_related"})
_VALUES = frozenset({"values", "values_list", "dates", "datetimes"})


def is_atomic(name: str) -> bool:
    """Tell whether a dotted name is that of ``transaction.atomic``."""
    framework = framework_of(name)
    return framework is not None and name == f"{framework}.{ATOMIC[0]}"


def began_transaction(name: str, node: ast.expr, frame: Frame) -> None:
    """Note that a transaction begins and ends."""
    block_as(frame, node, "orm:atomic", name, ATOMIC[1], "it asks the database")


def _call_of(value: QuerySet, method: str, owner: str = _QUERYSET) -> str:
    return f"{value.framework}.{owner}.{method}"


def evaluated(value: QuerySet, how: str, node: ast.expr, frame: Frame) -> Value:
    """Evaluate a queryset, and return what it gives one by one.

    Args:
        value: The queryset.
        how: What evaluates it: a key of the table of evaluations.
        node: Where.
        frame: The function that does it.
    """
    if value.kind in {"manager", "none"}:
        return UNKNOWN  # that cannot be iterated, and this asks nothing
    if not value.evaluated:
        method = {
            "iterate": "__iter__",
            "len": "__len__",
            "bool": "__bool__",
            "contains": "__iter__",
            "str": "__repr__",
        }
        call = _call_of(value, method.get(how, "__getitem__"))
        block_as(frame, node, f"orm:{how}", call, EVALUATIONS[how], "the queryset asks the database now")
        note_evaluated(value, node, frame)
    return instance_of(value)


def note_evaluated(value: QuerySet, node: ast.expr, frame: Frame) -> None:
    """Note that the results of a queryset are there, if a variable keeps it."""
    if isinstance(node, ast.Name):
        frame.scope.rebind(node.id, value, replace(value, evaluated=True))


def item(value: QuerySet, node: ast.Subscript, frame: Frame) -> Value:
    """Return an item of a queryset by its index, or a slice of one whose results are there."""
    if isinstance(node.slice, ast.Slice):
        return Collection("list", instance_of(value))
    if not value.evaluated:
        block_as(
            frame,
            node,
            "orm:index",
            _call_of(value, "__getitem__"),
            EVALUATIONS["index"],
            "the queryset asks the database now",
        )
    return instance_of(value)


def instance_of(value: QuerySet) -> Value:
    """Return what a queryset gives."""
    if value.rows != "instances" or not isinstance(value.model, (ClassValue, External)):
        return UNKNOWN
    return Instance(value.model, loaded=value.loaded)


def is_method_of_queryset(name: str) -> bool:
    """Tell whether querysets, or managers, have a method of a name."""
    twin = name[1:] if name.startswith("a") else ""
    related = name in RELATED_METHODS or twin in RELATED_METHODS
    return name in LAZY or name in QUERIES or twin in QUERIES or name in {"iterator", "aiterator"} or related


def called_on_queryset(value: QuerySet, name: str, arguments: Arguments, node: ast.Call, frame: Frame) -> Value:
    """Call a method of a queryset or manager, and return what it returns."""
    if name in LAZY:
        return _lazy(value, name, arguments)
    if name == "iterator":
        return replace(value, kind="queryset", evaluated=False)
    if name == "aiterator":
        return Collection("async_iterator", instance_of(value))
    query, owner = QUERIES.get(name), _QUERYSET
    if query is None and value.by_relation:
        query, owner = RELATED_METHODS.get(name), _RELATED
    if query is not None:
        if value.kind == "none" or (name == "count" and value.evaluated):
            return UNKNOWN
        mend = _twin_mend(node, query.twin)
        block_as(frame, node, f"orm:{name}", _call_of(value, name, owner), mend, "it asks the database")
        return _result(value, query.result, name, arguments)
    query = QUERIES.get(name[1:]) or RELATED_METHODS.get(name[1:])
    if query is not None and name.startswith("a"):
        return Awaitable(_result(value, query.result, name[1:], arguments))
    return UNKNOWN


def _lazy(value: QuerySet, name: str, arguments: Arguments) -> Value:
    loaded = value.loaded
    if name in _LOADING:
        names = [
            item.value for item in arguments.positional if isinstance(item, Literal) and isinstance(item.value, str)
        ]
        loaded |= {"__".join(each.split("__")[:length]) for each in names for length in range(1, each.count("__") + 2)}
        if not names:
            loaded |= {"*"}
    return replace(
        value,
        kind="none" if value.kind == "none" else {"raw": "raw", "none": "none"}.get(name, "queryset"),
        rows="values" if name in _VALUES else value.rows,
        loaded=frozenset(loaded),
        evaluated=value.evaluated and name == "all" and bool(value.by_relation),
    )


def _result(value: QuerySet, result: str, name: str, arguments: Arguments) -> Value:
    instance = instance_of(value)
    if result == "instance":
        if isinstance(instance, Instance) and name == "create":
            return replace(instance, loaded=value.loaded | {given for given, _ in arguments.named})
        return instance
    if result == "pair":
        return TupleValue((instance, UNKNOWN))
    if result == "many":
        return Collection("dict", TEXT, instance) if name == "in_bulk" else Collection("list", instance)
    return Collection("dict", TEXT, UNKNOWN) if name == "aggregate" else UNKNOWN


def _twin_mend(node: ast.Call, twin: str) -> str:
    if not twin or not isinstance(node.func, ast.Attribute):
        return mend_of(node)
    owner = in_short(node.func.value)
    return f"await {owner}.{twin}({'...' if node.args or node.keywords else ''})"


def is_method_of_instance(name: str) -> bool:
    """Tell whether instances of models have a method of a name that asks the database."""
    return name in INSTANCE_METHODS or (name.startswith("a") and name[1:] in INSTANCE_METHODS)


def called_on_instance(framework: str, name: str, node: ast.Call, frame: Frame) -> Value:
    """Call a method of an instance of a model."""
    query = INSTANCE_METHODS.get(name)
    if query is None:
        return Awaitable(UNKNOWN)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    is_super = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
    mend = mend_of(node) if is_super else _twin_mend(node, query.twin)
    block_as(frame, node, f"orm:{name}", f"{framework}.db.models.base.Model.{name}", mend, "it asks the database")
    return UNKNOWN


def relation(instance: Instance, name: str, node: ast.expr, frame: Frame, framework: str) -> None:
    """Follow a relation of an instance to another, which is loaded now if it was not."""
    if instance.loaded is not None and (name in instance.loaded or "*" in instance.loaded):
        return
    owner = in_short(node.value) if isinstance(node, ast.Attribute) else "..."
    block_as(
        frame,
        node,
        "orm:relation",
        f"{framework}.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__",
        f'select_related("{name}") where {owner} is loaded',
        f"{name} is loaded from the database when it is first used",
    )
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        loaded = replace(instance, loaded=(instance.loaded or frozenset()) | {name})
        frame.scope.rebind(node.value.id, instance, loaded)


def called_on_connection(name: str, node: ast.Call, frame: Frame, framework: str) -> Value | None:
    """Call a method of a connection or of a cursor of it, or return ``None`` where it is not known to ask the database."""
    method = name.rpartition(".")[2]
    is_of_cursor = name.startswith(f"{framework}.{_CURSOR}.")
    mend = (CURSOR_METHODS if is_of_cursor else CONNECTION_METHODS).get(method)
    if mend is None:
        return None
    call = f"{framework}.{_CURSOR if is_of_cursor else _CONNECTION}.{method}"
    block_as(frame, node, f"orm:{method}", call, mend, "it asks the database")
    return Instance(External(f"{framework}.{_CURSOR}")) if method.endswith("cursor") else UNKNOWN


def is_model_name(name: str) -> bool:
    """Tell whether a dotted name is that of a model of the frameworks' own applications."""
    framework = framework_of(name)
    parts = name.split(".")
    return framework is not None and "models" in parts[1:-1] and "contrib" in parts and parts[-1][:1].isupper()


def framework_of_base(name: str, kind: str) -> str | None:
    """Return the framework whose class of models, managers or querysets has a dotted name."""
    return framework_of(name) if is_base(name, kind) else None
