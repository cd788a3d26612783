"""Tables of the ORM of GingerDJ and Django: lazy methods, methods that query, and their async twins."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ATOMIC",
    "CLASSES",
    "CONNECTION_METHODS",
    "CURSOR_METHODS",
    "EVALUATIONS",
    "FRAMEWORKS",
    "INSTANCE_METHODS",
    "LAZY",
    "QUERIES",
    "RELATED_METHODS",
    "SHORTCUTS",
    "Query",
    "framework_of",
    "framework_of_base",
    "is_atomic",
    "is_base",
    "is_method_of_instance",
    "is_method_of_queryset",
    "is_model_name",
]

FRAMEWORKS = ("gingerdj", "django")
_IN_A_FUNCTION = "await sync_to_async(function)(...), with all queries in that function"
CLASSES: dict[str, tuple[str, ...]] = {
    "Model": ("db.models.Model", "db.models.base.Model", "contrib.gis.db.models.Model"),
    "Manager": ("db.models.Manager", "db.models.manager.Manager", "db.models.manager.BaseManager"),
    "QuerySet": ("db.models.QuerySet", "db.models.query.QuerySet"),
}
"""The names of the frameworks' classes of models, managers and querysets."""


class Query(NamedTuple):
    """A method that queries the database.

    Attributes:
        result: ``"instance"``, ``"pair"`` (an instance, and whether it was created), ``"many"`` or ``"value"``.
        twin: The name of its async twin; empty where it has none.
    """

    result: str
    twin: str


def _with_twins(names: str, result: str) -> dict[str, Query]:
    return {name: Query(result, f"a{name}") for name in names.split()}


QUERIES: dict[str, Query] = {
    **_with_twins("get first last earliest latest create", "instance"),
    **_with_twins("get_or_create update_or_create", "pair"),
    **_with_twins("bulk_create in_bulk", "many"),
    **_with_twins("count exists aggregate update delete bulk_update contains explain", "value"),
}
"""Methods of querysets and managers that query the database at once."""

LAZY = frozenset(
    [
        "all",
        "alias",
        "annotate",
        "complex_filter",
        "dates",
        "datetimes",
        "defer",
        "difference",
        "distinct",
        "exclude",
        "extra",
        "filter",
        "intersection",
        "none",
        "only",
        "order_by",
        "prefetch_related",
        "raw",
        "reverse",
        "select_for_update",
        "select_related",
        "union",
        "using",
        "values",
        "values_list",
        "get_queryset",
        "db_manager",
    ]
)
"""Methods of querysets and managers that return another queryset, and make no query."""

RELATED_METHODS = _with_twins("add clear remove set", "value")
"""Methods of the managers of relations that query the database at once."""

INSTANCE_METHODS: dict[str, Query] = {
    **_with_twins("save delete refresh_from_db", "value"),
    **{name: Query("value", "") for name in ("save_base", "full_clean", "validate_unique", "validate_constraints")},
}
"""Methods of instances that query the database."""

EVALUATIONS = {
    "iterate": "async for, or [item async for item in queryset]",
    "len": "await queryset.acount()",
    "bool": "await queryset.aexists()",
    "index": "await queryset.afirst(), or [item async for item in queryset]",
    "contains": "await queryset.acontains(...)",
    "str": "[item async for item in queryset] before it is converted to text",
}
"""Ways to evaluate a queryset, with their fixes."""

_OF_AUTH = {
    "authenticate": "get",
    "get_user": "get",
    "login": "save",
    "logout": "delete",
    "update_session_auth_hash": "save",
}

SHORTCUTS = {
    "shortcuts.get_object_or_404": ("get", "await aget_object_or_404(...)"),
    "shortcuts.get_list_or_404": ("iterate", "await aget_list_or_404(...)"),
    "shortcuts.aget_object_or_404": ("", ""),
    "shortcuts.aget_list_or_404": ("", ""),
    **{f"contrib.auth.{name}": (method, f"await a{name}(...)") for name, method in _OF_AUTH.items()},
    **{f"contrib.auth.a{name}": ("", "") for name in _OF_AUTH},
}
"""Functions that query the database: the equivalent method of a queryset, and the fix."""

ATOMIC = ("db.transaction.atomic", "await sync_to_async(function)(...), with all of the transaction in that function")
"""The function that begins and ends a transaction, and its fix."""

CONNECTION_METHODS = dict.fromkeys(
    [
        "cursor",
        "commit",
        "rollback",
        "connect",
        "ensure_connection",
        "savepoint",
        "savepoint_commit",
        "savepoint_rollback",
        "chunked_cursor",
    ],
    _IN_A_FUNCTION,
)
"""Methods of a connection that query the database, with their fixes."""

CURSOR_METHODS = dict.fromkeys(["execute", "executemany", "callproc"], _IN_A_FUNCTION)
"""Methods of a cursor that query the database, with their fixes."""


def framework_of(name: str) -> str | None:
    """Return the framework that a dotted name belongs to, or ``None``."""
    head = name.partition(".")[0]
    return head if head in FRAMEWORKS else None


def is_base(name: str, kind: str) -> bool:
    """Return whether a dotted name is that of the frameworks' class of models, managers or querysets."""
    framework, _, rest = name.partition(".")
    return framework in FRAMEWORKS and rest in CLASSES[kind]


def is_atomic(name: str) -> bool:
    """Return whether a dotted name is that of ``transaction.atomic``."""
    framework = framework_of(name)
    return framework is not None and name == f"{framework}.{ATOMIC[0]}"


def is_method_of_queryset(name: str) -> bool:
    """Return whether querysets, or managers, have a method of a name."""
    twin = name[1:] if name.startswith("a") else ""
    related = name in RELATED_METHODS or twin in RELATED_METHODS
    return name in LAZY or name in QUERIES or twin in QUERIES or name in {"iterator", "aiterator"} or related


def is_method_of_instance(name: str) -> bool:
    """Return whether instances of models have a method of a name that queries the database."""
    return name in INSTANCE_METHODS or (name.startswith("a") and name[1:] in INSTANCE_METHODS)


def is_model_name(name: str) -> bool:
    """Return whether a dotted name is that of a model of the frameworks' own applications."""
    framework = framework_of(name)
    parts = name.split(".")
    return framework is not None and "models" in parts[1:-1] and "contrib" in parts and parts[-1][:1].isupper()


def framework_of_base(name: str, kind: str) -> str | None:
    """Return the framework whose class of models, managers or querysets has a dotted name."""
    return framework_of(name) if is_base(name, kind) else None
