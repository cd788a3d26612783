"""What to write in an async function instead of a call that blocks, as its own source says the call."""

from __future__ import annotations

import ast

__all__ = ["in_short", "mend_of"]

_LONGEST_SOURCE = 40


def mend_of(node: ast.AST) -> str:
    """Return how to run in a thread what a node does."""
    if not isinstance(node, ast.Call):
        return f"await sync_to_async(lambda: {in_short(node)})()" if isinstance(node, ast.expr) else ""
    name = in_short(node.func)
    if name == "..." or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return f"await sync_to_async(lambda: {in_short(node)})()"
    return f"await sync_to_async({name})({'...' if node.args or node.keywords else ''})"


def in_short(node: ast.AST) -> str:
    """Return an expression as it is written, where it is short, and dots where it is not."""
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST_SOURCE and "\n" not in text else "..."
