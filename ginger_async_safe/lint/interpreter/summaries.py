"""Summaries of installed packages: the values and events that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, join
from ginger_async_safe.lint.domain.events import block_as
from ginger_async_safe.lint.knowledge.return_values import instance_named

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.summaries import Summary

__all__ = ["block_by_package", "made_by"]

_MAX_SHOWN = 5  # calls of a chain: of longer ones, the first and the last ones


def block_by_package(frame: Frame, node: ast.expr, summary: Summary) -> None:
    """Record that a name of an installed package blocks, with the calls that it makes there."""
    *calls, last = summary.chain
    chain = (*map(_in_short, calls), last)
    shown = chain if len(chain) <= _MAX_SHOWN else (*chain[: _MAX_SHOWN - 2], "...", chain[-1])
    way = f": {' → '.join(shown)}" if len(chain) > 1 else ""
    block_as(
        frame,
        node,
        f"dependency:{summary.name}",
        summary.name,
        frame.fix_of(node),
        f"{summary.package} calls {last}{way}",
    )


def _in_short(call: str) -> str:
    """Return the name of a function without its module's, a method with its class."""
    *_, owner, name = ("", *call.removesuffix(".<locals>").split("."))
    return f"{owner}.{name}" if owner.lstrip("_")[:1].isupper() else name


def made_by(summary: Summary) -> Value:
    """Return what a call returns, or what a value is; what is not made by a constructor may be something else too."""
    if not summary.type:
        return UNKNOWN
    made = instance_named(summary.type)
    return made if summary.is_made else join(made, UNKNOWN)
