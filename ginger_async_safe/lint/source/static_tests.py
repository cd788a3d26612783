"""Tests with a known outcome: of the platform, of the Python version, and ``TYPE_CHECKING``."""

from __future__ import annotations

import ast
import operator
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_for_types", "known_truth"]

_OPERATIONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_FACTS: dict[str, object] = {
    "sys.platform": sys.platform,
    "os.name": "nt" if sys.platform == "win32" else "posix",
    "sys.version_info": sys.version_info[:2],
    "sys.version_info[0]": sys.version_info[0],
    "sys.version_info.major": sys.version_info[0],
    "TYPE_CHECKING": False,
    "typing.TYPE_CHECKING": False,
    "t.TYPE_CHECKING": False,
}


def is_for_types(test: ast.expr) -> bool:
    """Return whether a branch is for type checkers only."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def known_truth(test: ast.expr) -> bool | None:  # noqa: PLR0911 - one for each kind of test
    """Return the outcome of a test, or ``None`` where it is known at run time only."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if is_for_types(test):
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth = known_truth(test.operand)
        return None if truth is None else not truth
    if isinstance(test, ast.BoolOp):
        return _of_several(test)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test)
    if (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Attribute)
        and test.func.attr == "startswith"
        and ast.unparse(test.func.value) == "sys.platform"
        and len(test.args) == 1
        and isinstance(test.args[0], ast.Constant)
    ):
        return sys.platform.startswith(str(test.args[0].value))
    return None


def _of_several(test: ast.BoolOp) -> bool | None:
    truths = [known_truth(value) for value in test.values]
    deciding = isinstance(test.op, ast.Or)
    if deciding in truths:
        return deciding
    return None if None in truths else not deciding


def _compared(test: ast.Compare) -> bool | None:
    compares = _OPERATIONS.get(type(test.ops[0]))
    if compares is None or not isinstance(test.left, (ast.Attribute, ast.Subscript)):
        return None
    fact = _FACTS.get(ast.unparse(test.left))
    if fact is None:
        return None
    try:
        other = ast.literal_eval(test.comparators[0])
    except ValueError:
        return None
    if isinstance(fact, tuple):
        if not isinstance(other, tuple):
            return None
        fact = sys.version_info[: max(len(other), 2)]
    try:
        return compares(fact, other)
    except TypeError:
        return None
