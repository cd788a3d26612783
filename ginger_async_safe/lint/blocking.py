"""A blocking call that is met while reading: by which rule, and what to write instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.findings import Finding
from ginger_async_safe.lint.mends import ON_THE_LOOP

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.frames import Frame

__all__ = ["block", "block_as", "called_by_loop"]


def block(frame: Frame, node: ast.expr, rule: BlockingCall) -> None:
    """Note that a rule's call is made at a node."""
    block_as(frame, node, rule.id, rule.id, rule.mend or frame.mend_of(node), rule.reason)


def block_as(
    frame: Frame, node: ast.expr, rule: str, call: str, mend: str, reason: str = "", *, is_owners: bool = False
) -> None:
    """Note that a blocking call is made at a node.

    Args:
        frame: The function that makes it.
        node: Where.
        rule: The id of the rule.
        call: The dotted name of what is called.
        mend: What to write instead.
        reason: Why it blocks.
        is_owners: Whether the owner of the call says the mend.
    """
    frame.record(Finding((frame.step(node, call),), rule, call, mend, reason, is_owners))


def called_by_loop(event: Finding) -> Finding:
    """Return a blocking call as one of a function that the loop itself calls, which cannot await."""
    return event if event.is_owners else replace(event, mend=ON_THE_LOOP)
