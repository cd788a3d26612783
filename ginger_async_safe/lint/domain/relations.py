"""Relations between models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value

__all__ = ["Relation"]


class Relation(NamedTuple):
    """A relation of a model to another one.

    Attributes:
        kind: ``"one"`` for one instance, ``"many"`` for a manager of many.
        target: The other model; unknown where it cannot be resolved.
        field: The field of the other model, where the relation is declared there.
    """

    kind: str
    target: Value
    field: str = ""
