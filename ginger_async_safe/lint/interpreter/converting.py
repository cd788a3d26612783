"""Converting values: truth tests, and conversion to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import each
from ginger_async_safe.lint.domain.fixes import fix_by
from ginger_async_safe.lint.domain.kinds import QuerySetKind
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    SOMETHING,
    TEXT,
    Awaitable,
    ClassValue,
    Constant,
    Decorated,
    Fact,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
)
from ginger_async_safe.lint.interpreter.classes import has_base
from ginger_async_safe.lint.knowledge.known import EMPTIABLE
from ginger_async_safe.lint.knowledge.orm import Evaluation

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["stringify", "truth"]


def truth(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame) -> bool | None:
    """Test a value for its truth, and return the outcome where it is known."""
    truths = {_truth(interpreter, member, node, frame) for member in each(value)}
    return truths.pop() if len(truths) == 1 else None


def _truth(interpreter: Interpreter, value: Single, node: ast.expr, frame: Frame) -> bool | None:
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, QuerySet) and value.kind is QuerySetKind.QUERYSET:
        interpreter.orm.evaluate(value, Evaluation.TRUTH, node, frame)
        return None
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        with frame.fix_override(lambda: fix_by("bool", node)):
            if _answers(interpreter, value, ("__bool__", "__len__"), node, frame):
                return None
        return None if has_base(interpreter, value.cls, EMPTIABLE, frame) else True
    if isinstance(value, Instance) and Fact.CURRENT in value.facts:
        return True
    if value == SOMETHING or isinstance(value, (Decorated, Awaitable, Generator, ClassValue)):
        return True
    if isinstance(value, TupleValue) and value.items:
        return True
    return None


def stringify(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame, methods: tuple[str, ...]) -> Value:
    """Convert a value to text, as ``str``, ``repr``, ``format`` and f-strings do."""
    for member in each(value):
        if isinstance(member, QuerySet) and member.kind is QuerySetKind.QUERYSET:
            interpreter.orm.evaluate(member, Evaluation.TEXT, node, frame)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            with frame.fix_override(lambda: fix_by("repr" if methods == ("__repr__",) else "str", node)):
                _answers(interpreter, member, methods, node, frame)
    return TEXT


def _answers(interpreter: Interpreter, value: Instance, methods: tuple[str, ...], node: ast.expr, frame: Frame) -> bool:
    """Call the first of several methods that a value has, and return whether it has any."""
    return any(interpreter.call_method(value, method, Arguments(), frame, node) is not None for method in methods)
