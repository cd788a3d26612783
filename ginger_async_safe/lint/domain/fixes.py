"""Fixes: what to write in an async function instead of a blocking call, in terms of its own source."""

from __future__ import annotations

import ast

__all__ = ["IN_ONE_BLOCK", "IN_ONE_LOOP", "ON_THE_LOOP", "fix_by", "fix_of", "in_short"]

IN_ONE_LOOP = "await sync_to_async(function)(...), with the whole iteration in that function"
"""For blocking calls in an iteration."""

IN_ONE_BLOCK = "await sync_to_async(function)(...), with the whole block in that function"
"""For blocking calls where ``with`` enters or exits a context manager."""

ON_THE_LOOP = "loop.run_in_executor(None, function, ...), with all that blocks in that function"
"""For blocking calls in a callback of the event loop, which cannot await."""

_MAX_SOURCE = 40


def fix_of(node: ast.AST) -> str:
    """Return how to run a node in a thread."""
    if not isinstance(node, ast.Call):
        return f"await sync_to_async(lambda: {in_short(node)})()" if isinstance(node, ast.expr) else ""
    name = in_short(node.func)
    if name == "..." or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return f"await sync_to_async(lambda: {in_short(node)})()"
    return f"await sync_to_async({name})({'...' if node.args or node.keywords else ''})"


def fix_by(function: str, node: ast.AST) -> str:
    """Return how to call a function with a node in a thread."""
    return f"await sync_to_async({function})({in_short(node)})"


def in_short(node: ast.AST) -> str:
    """Return the source of an expression where it is short, else an ellipsis."""
    text = ast.unparse(node)
    return text if len(text) <= _MAX_SOURCE and "\n" not in text else "..."
