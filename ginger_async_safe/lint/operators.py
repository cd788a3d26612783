"""What operators, comparisons and tests do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import elements_of, shown, truth
from ginger_async_safe.lint.mends import mend_of
from ginger_async_safe.lint.narrowing import narrowed
from ginger_async_safe.lint.values import (
    NOTHING,
    TEXT,
    UNKNOWN,
    ClassValue,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    QuerySet,
    TupleValue,
    Unknown,
    each,
    join,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["OPERATORS", "read_binary", "read_boolean", "read_compare", "read_conditional", "read_unary"]

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
"""Operators, by the names of the methods that they call without their underscores."""


_COMPARISONS = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}


_REFLECTED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__"}
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}


def read_boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    """Read ``and`` and ``or``: each part is read as far as those before it let it be reached."""
    is_and = isinstance(node.op, ast.And)
    names = dict(frame.scope.names)
    values: list[Value] = []
    for index, part in enumerate(node.values):
        value = machine.evaluate(part, frame)
        is_last = index == len(node.values) - 1
        known = None if is_last else truth(machine, value, part, frame)
        if is_last or known is not is_and:
            values.append(value)
        if not is_last and known is not None and known is not is_and:
            break
        if not is_last:
            narrowed(machine, part, frame, holds=is_and)
    for name, before in names.items():  # what a part before tells holds for the parts after it alone
        now = frame.scope.names.get(name, before)
        if now is not before and not (isinstance(now, QuerySet) and now.evaluated):
            frame.scope.names[name] = before
    return join(*values) if values else UNKNOWN


def read_binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Value:
    """Read an operator between two values."""
    left = machine.evaluate(node.left, frame)
    right = machine.evaluate(node.right, frame)
    operator = OPERATORS[type(node.op)]
    if isinstance(node.op, ast.Mod) and isinstance(left, Literal) and isinstance(left.value, str):
        for value in right.items if isinstance(right, TupleValue) else (right,):
            methods = ("__str__", "__repr__") if "%s" in left.value else ("__repr__",)
            shown(machine, value, node.right, frame, methods)
        return TEXT
    found: list[Value] = []
    answers = False  # where the left one does, the right one is not asked
    for value, method, other in ((left, f"__{operator}__", right), (right, f"__r{operator}__", left)):
        for member in () if answers and value is right else each(value):
            if isinstance(member, QuerySet) and operator in {"and", "or"}:
                return member
            if isinstance(member, Instance):
                result = machine.call_method(member, method, Arguments((other,)), frame, node)
                if result is not None:
                    found.append(result)
                    answers = answers or External("NotImplemented") not in each(result)
            elif isinstance(member, (Collection, TupleValue)) and operator == "add":
                found.append(member)
    if isinstance(left, TupleValue) and isinstance(right, TupleValue) and operator == "add":
        return TupleValue((*left.items, *right.items))
    return join(*found) if found else UNKNOWN


def read_unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    """Read an operator before a value."""
    value = machine.evaluate(node.operand, frame)
    if isinstance(node.op, ast.Not):
        known = truth(machine, value, node.operand, frame)
        return UNKNOWN if known is None else Literal(not known)
    if isinstance(value, Literal) and isinstance(value.value, (int, float)) and isinstance(node.op, ast.USub):
        return Literal(-value.value)
    if isinstance(value, Instance):
        return machine.call_method(value, _UNARY[type(node.op)], Arguments(), frame, node) or UNKNOWN
    return UNKNOWN


def read_compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    """Read comparisons."""
    left = machine.evaluate(node.left, frame)
    outcome: Value = UNKNOWN
    for operator, other in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(other, frame)
        if isinstance(operator, (ast.In, ast.NotIn)):
            with frame.told(lambda: mend_of(node)):
                _contained(machine, right, left, other, frame)
        elif isinstance(operator, (ast.Is, ast.IsNot)):
            outcome = _identical(left, right, is_same=isinstance(operator, ast.Is))
        else:
            outcome = _compared(machine, operator, left, right, node, frame)
        left = right
    return outcome if len(node.ops) == 1 else UNKNOWN


def _contained(machine: Machine, value: Value, item: Value, node: ast.expr, frame: Frame) -> None:
    for member in each(value):
        if isinstance(member, QuerySet):
            orm.evaluated(member, "contains", node, frame)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            if machine.call_method(member, "__contains__", Arguments((item,)), frame, node) is None:
                elements_of(machine, member, node, frame)
        elif isinstance(member, (Generator, Instance)):
            elements_of(machine, member, node, frame)
        elements = member.elements if isinstance(member, Collection) else UNKNOWN
        if isinstance(member, TupleValue) and member.items:
            elements = join(*member.items)
        for held in each(elements):
            if isinstance(held, Instance) and isinstance(held.cls, ClassValue):
                machine.call_method(held, "__eq__", Arguments((item,)), frame, node)


def _identical(left: Value, right: Value, *, is_same: bool) -> Value:
    if right != NOTHING:
        return UNKNOWN
    members = list(each(left))
    if members == [NOTHING]:
        return Literal(is_same)
    if NOTHING not in members and not any(isinstance(member, Unknown) for member in members):
        return Literal(not is_same)
    return UNKNOWN


def _compared(
    machine: Machine, operator: ast.cmpop, left: Value, right: Value, node: ast.Compare, frame: Frame
) -> Value:
    if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(operator, (ast.Eq, ast.NotEq)):
        return Literal((left.value == right.value) is isinstance(operator, ast.Eq))
    method = _COMPARISONS[type(operator)]
    for member in each(left):
        if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            found = machine.call_method(member, method, Arguments((right,)), frame, node)
            if found is None and isinstance(operator, ast.NotEq):
                machine.call_method(member, "__eq__", Arguments((right,)), frame, node)
            if found is not None:
                return UNKNOWN
    for member in each(right):
        if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            machine.call_method(member, _REFLECTED.get(method, method), Arguments((left,)), frame, node)
    return UNKNOWN


def read_conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    """Read ``a if b else c``."""
    known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    values: list[Value] = []
    before = dict(frame.scope.names)
    if known is not False:
        narrowed(machine, node.test, frame, holds=True)
        values.append(machine.evaluate(node.body, frame))
    frame.scope.names = dict(before)
    if known is not True:
        narrowed(machine, node.test, frame, holds=False)
        values.append(machine.evaluate(node.orelse, frame))
    frame.scope.names = before
    return join(*values)
