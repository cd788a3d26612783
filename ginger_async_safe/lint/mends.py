"""What to write in an async function instead of a call that blocks, as its own source says the call."""

from __future__ import annotations

import ast

__all__ = ["IN_ONE_BLOCK", "IN_ONE_LOOP", "ON_THE_LOOP", "in_short", "mend_by", "mend_of"]

IN_ONE_LOOP = "await sync_to_async(function)(...), with the whole iteration in that function"
"""For what blocks while something is iterated over."""

IN_ONE_BLOCK = "await sync_to_async(function)(...), with the whole block in that function"
"""For what blocks where ``with`` enters or leaves something."""

ON_THE_LOOP = "loop.run_in_executor(None, function, ...), with all that blocks in that function"
"""For what blocks in a function that the loop calls, which cannot await."""

_LONGEST_SOURCE = 40


def mend_of(node: ast.AST) -> str:
    """Return how to run in a thread what a node does."""
    if not isinstance(node, ast.Call):
        return f"await sync_to_async(lambda: {in_short(node)})()" if isinstance(node, ast.expr) else ""
    name = in_short(node.func)
    if name == "..." or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return f"await sync_to_async(lambda: {in_short(node)})()"
    return f"await sync_to_async({name})({'...' if node.args or node.keywords else ''})"


def mend_by(function: str, node: ast.AST) -> str:
    """Return how to have a function of one argument applied to a node in a thread."""
    return f"await sync_to_async({function})({in_short(node)})"


def in_short(node: ast.AST) -> str:
    """Return an expression as it is written, where it is short, and dots where it is not."""
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST_SOURCE and "\n" not in text else "..."
