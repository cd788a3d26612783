"""Tables of the ORM of GingerDJ and Django: lazy methods, methods that query, and their async twins."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ginger_async_safe.lint.domain.kinds import Kind, QuerySetKind

__all__ = [
    "ATOMIC",
    "CLASSES",
    "CONNECTION_METHODS",
    "CURSOR_METHODS",
    "EVALUATIONS",
    "FRAMEWORKS",
    "INSTANCE_METHODS",
    "KINDS_OF_QUERYSETS",
    "LAZY",
    "QUERIES",
    "RELATED_METHODS",
    "SHORTCUTS",
    "BaseClass",
    "Evaluation",
    "Query",
    "QueryResult",
    "framework_of",
    "framework_of_base",
    "is_atomic",
    "is_method_of_instance",
    "is_method_of_queryset",
    "is_model_name",
]

FRAMEWORKS = ("gingerdj", "django")
_IN_A_FUNCTION = "await sync_to_async(function)(...), with all queries in that function"


class BaseClass(Kind):
    """A class of the frameworks that projects derive theirs from.

    Attributes:
        MODEL: The class of models.
        MANAGER: The class of managers.
        QUERYSET: The class of querysets.
    """

    MODEL = "model"
    MANAGER = "manager"
    QUERYSET = "queryset"


CLASSES: dict[BaseClass, tuple[str, ...]] = {
    BaseClass.MODEL: ("db.models.Model", "db.models.base.Model", "contrib.gis.db.models.Model"),
    BaseClass.MANAGER: ("db.models.Manager", "db.models.manager.Manager", "db.models.manager.BaseManager"),
    BaseClass.QUERYSET: ("db.models.QuerySet", "db.models.query.QuerySet"),
}
"""The names of these classes in the frameworks."""

KINDS_OF_QUERYSETS = {BaseClass.MANAGER: QuerySetKind.MANAGER, BaseClass.QUERYSET: QuerySetKind.QUERYSET}
"""What instances of these classes can be used for."""


class QueryResult(Enum):
    """What a method that queries the database returns.

    Attributes:
        INSTANCE: An instance.
        PAIR: An instance, and whether it was created.
        MANY: Several instances.
        VALUE: No instance.
    """

    INSTANCE = "instance"
    PAIR = "pair"
    MANY = "many"
    VALUE = "value"


class Query(NamedTuple):
    """A method that queries the database.

    Attributes:
        result: What it returns.
        twin: The name of its async twin; empty where it has none.
    """

    result: QueryResult
    twin: str


def _with_twins(names: str, result: QueryResult) -> dict[str, Query]:
    return {name: Query(result, f"a{name}") for name in names.split()}


QUERIES: dict[str, Query] = {
    **_with_twins("get first last earliest latest create", QueryResult.INSTANCE),
    **_with_twins("get_or_create update_or_create", QueryResult.PAIR),
    **_with_twins("bulk_create in_bulk", QueryResult.MANY),
    **_with_twins("count exists aggregate update delete bulk_update contains explain", QueryResult.VALUE),
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

RELATED_METHODS = _with_twins("add clear remove set", QueryResult.VALUE)
"""Methods of the managers of relations that query the database at once."""

INSTANCE_METHODS: dict[str, Query] = {
    **_with_twins("save delete refresh_from_db", QueryResult.VALUE),
    **{
        name: Query(QueryResult.VALUE, "")
        for name in ("save_base", "full_clean", "validate_unique", "validate_constraints")
    },
}
"""Methods of instances that query the database."""


class Evaluation(Enum):
    """A way to evaluate a queryset. The values are in the ids of rules.

    Attributes:
        ITERATE: Iteration.
        LENGTH: ``len()``.
        TRUTH: A test for its truth.
        INDEX: An index.
        CONTAINS: ``in``.
        TEXT: Conversion to text.
    """

    ITERATE = "iterate"
    LENGTH = "len"
    TRUTH = "bool"
    INDEX = "index"
    CONTAINS = "contains"
    TEXT = "str"


EVALUATIONS: dict[Evaluation, str] = {
    Evaluation.ITERATE: "async for, or [item async for item in queryset]",
    Evaluation.LENGTH: "await queryset.acount()",
    Evaluation.TRUTH: "await queryset.aexists()",
    Evaluation.INDEX: "await queryset.afirst(), or [item async for item in queryset]",
    Evaluation.CONTAINS: "await queryset.acontains(...)",
    Evaluation.TEXT: "[item async for item in queryset] before it is converted to text",
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


def _is_base(name: str, base: BaseClass) -> bool:
    """Return whether a dotted name is that of a class of the frameworks that projects derive theirs from."""
    framework, _, rest = name.partition(".")
    return framework in FRAMEWORKS and rest in CLASSES[base]


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


def framework_of_base(name: str, base: BaseClass) -> str | None:
    """Return the framework whose class of models, managers or querysets has a dotted name."""
    return framework_of(name) if _is_base(name, base) else None
