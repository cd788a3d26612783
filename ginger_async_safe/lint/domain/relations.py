"""Relations between models."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value

__all__ = ["Relation", "RelationKind"]


class RelationKind(Enum):
    """What a relation leads to.

    Attributes:
        ONE: One instance.
        MANY: A manager of several instances.
    """

    ONE = "one"
    MANY = "many"


class Relation(NamedTuple):
    """A relation of a model to another one.

    Attributes:
        kind: What it leads to.
        target: The other model; unknown where it cannot be resolved.
        field: The field of the other model, where the relation is declared there.
    """

    kind: RelationKind
    target: Value
    field: str = ""
