"""Events: the blocking calls that are met during evaluation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.findings import Finding
from ginger_async_safe.lint.domain.fixes import ON_THE_LOOP

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.domain.frames import Frame

__all__ = ["block", "block_as", "called_by_loop"]


def block(frame: Frame, node: ast.expr | ast.stmt, rule: BlockingCall, name: str = "") -> None:
    """Record a call that a rule covers.

    Args:
        frame: The function that makes it.
        node: Where.
        rule: The rule.
        name: The dotted name of what is called, which a rule for every method of a class does not give.
    """
    call = name if name and rule.is_static else rule.id
    block_as(frame, node, rule.id, call, rule.fix or frame.fix_of(node), rule.reason)


def block_as(  # noqa: PLR0913, PLR0917 - each is a part of the finding
    frame: Frame,
    node: ast.expr | ast.stmt,
    rule: str,
    call: str,
    fix: str,
    reason: str = "",
    *,
    is_owners: bool = False,
) -> None:
    """Record a blocking call.

    Args:
        frame: The function that makes it.
        node: Where.
        rule: The id of the rule.
        call: The dotted name of what is called.
        fix: What to write instead.
        reason: Why it blocks.
        is_owners: Whether the fix is the call owner's own.
    """
    frame.record(Finding((frame.step(node, call),), rule, call, fix, reason, is_owners))


def called_by_loop(event: Finding) -> Finding:
    """Return a blocking call with the fix for a callback of the event loop, which cannot await."""
    return event if event.is_owners else replace(event, fix=ON_THE_LOOP)
