"""The rules of the ORM: their ids, and the calls that each covers."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.knowledge.orm import (
    ATOMIC,
    CONNECTION_METHODS,
    CURSOR_METHODS,
    EVALUATIONS,
    FRAMEWORKS,
    INSTANCE_METHODS,
    QUERIES,
    RELATED_METHODS,
    SHORTCUTS,
    Evaluation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CONNECTION", "CURSOR", "EVALUATING", "MODEL", "ORM_RULES", "QUERYSET", "RELATED", "RELATION", "ORMRule"]

CONNECTION = "db.backends.base.base.BaseDatabaseWrapper"
CURSOR = "db.backends.utils.CursorWrapper"
MODEL = "db.models.base.Model"
QUERYSET = "db.models.query.QuerySet"
RELATED = "db.models.fields.related_descriptors.RelatedManager"
RELATION = "db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__"

EVALUATING = {
    Evaluation.ITERATE: "__iter__",
    Evaluation.LENGTH: "__len__",
    Evaluation.TRUTH: "__bool__",
    Evaluation.INDEX: "__getitem__",
    Evaluation.CONTAINS: "__iter__",
    Evaluation.TEXT: "__repr__",
}
"""The method of a queryset that each way to evaluate it calls."""


class ORMRule(NamedTuple):
    """A rule of the ORM.

    Attributes:
        reason: What it does, in a few words.
        fix: What to write in an async function instead.
        calls: The names of what it covers, in both frameworks.
    """

    reason: str
    fix: str
    calls: tuple[str, ...]


_QUERIES = "it queries the database"


def _rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield ids with reason, fix and a name below the framework's; an id may have several."""
    for how, fix in EVALUATIONS.items():
        yield how.value, "the queryset is evaluated, which queries the database", fix, f"{QUERYSET}.{EVALUATING[how]}"
    for table, receiver, owner in (
        (QUERIES, "queryset", QUERYSET),
        (RELATED_METHODS, "instance.relation", RELATED),
        (INSTANCE_METHODS, "instance", MODEL),
    ):
        for name, query in table.items():
            call = f"{receiver}.{name}"
            fix = f"await {receiver}.{query.twin}(...)" if query.twin else f"await sync_to_async({call})(...)"
            yield name, _QUERIES, fix, f"{owner}.{name}"
    for methods, owner in ((CONNECTION_METHODS, CONNECTION), (CURSOR_METHODS, CURSOR)):
        for name, fix in methods.items():
            yield name, _QUERIES, fix, f"{owner}.{name}"
    for name, (method, fix) in SHORTCUTS.items():
        if method:
            yield method, _QUERIES, fix, name
    yield "atomic", _QUERIES, ATOMIC[1], ATOMIC[0]
    yield (
        "relation",
        "the related instance is loaded when it is first used",
        "select_related(...) where it is loaded",
        RELATION,
    )


def _by_id() -> Mapping[str, ORMRule]:
    found: dict[str, ORMRule] = {}
    for name, reason, fix, call in _rows():
        rule = found.setdefault(f"orm:{name}", ORMRule(reason, fix, ()))
        calls = [*rule.calls, *(f"{framework}.{call}" for framework in FRAMEWORKS)]
        found[f"orm:{name}"] = rule._replace(calls=tuple(dict.fromkeys(calls)))
    return MappingProxyType(dict(sorted(found.items())))


ORM_RULES: Mapping[str, ORMRule] = _by_id()
"""The rules, by their ids."""
