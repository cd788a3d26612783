"""A blocking call that is met while reading: by which rule, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.findings import Finding

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.frames import Frame

__all__ = ["block", "block_as"]


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
