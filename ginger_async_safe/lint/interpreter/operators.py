"""Operators, comparisons and conditional expressions."""

from __future__ import annotations

import ast
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join
from ginger_async_safe.lint.domain.fixes import fix_of
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    TEXT,
    ClassValue,
    Collection,
    Constant,
    External,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
    TypeForm,
)
from ginger_async_safe.lint.interpreter.consuming import elements_of
from ginger_async_safe.lint.interpreter.converting import stringify, truth
from ginger_async_safe.lint.interpreter.loop_guards import are_of_loop
from ginger_async_safe.lint.interpreter.narrowing import narrow
from ginger_async_safe.lint.knowledge.orm import Evaluation
from ginger_async_safe.lint.knowledge.rule_table import is_class
from ginger_async_safe.lint.knowledge.waiting import FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = [
    "OPERATORS",
    "evaluate_binary",
    "evaluate_boolean",
    "evaluate_compare",
    "evaluate_conditional",
    "evaluate_unary",
]

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
"""The names of the methods that operators call, without their underscores."""


_COMPARISONS = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}


_ORDERS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {ast.Lt: lt, ast.LtE: le, ast.Gt: gt, ast.GtE: ge}
_REFLECTED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__"}
_OF_SAMENESS = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)
_TYPES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple", "type"})
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}


def evaluate_boolean(interpreter: Interpreter, node: ast.BoolOp, frame: Frame) -> Value:
    """Evaluate ``and`` and ``or``; a part is not evaluated where those before it decide."""
    is_and = isinstance(node.op, ast.And)
    names = dict(frame.scope.names)
    values: list[Value] = []
    certainty = None
    for index, part in enumerate(node.values):
        value = interpreter.evaluate(part, frame)
        certainty = frame.certainty() if index == 0 else certainty
        is_last = index == len(node.values) - 1
        known = None if is_last else truth(interpreter, value, part, frame)
        if is_last or known is not is_and:
            values.append(value)
        if not is_last and known is not None and known is not is_and:
            break
        if not is_last:
            narrow(interpreter, part, frame, holds=is_and)
    for name, before in names.items():  # narrowing by a part applies only to the parts after it
        now = frame.scope.names.get(name, before)
        if now is not before and not (isinstance(now, QuerySet) and now.is_evaluated):
            frame.scope.names[name] = before
    frame.set_certainty(certainty)
    return join(*values) if values else UNKNOWN


def evaluate_binary(interpreter: Interpreter, node: ast.BinOp, frame: Frame) -> Value:
    """Evaluate a binary operator."""
    left = interpreter.evaluate(node.left, frame)
    right = interpreter.evaluate(node.right, frame)
    operator = OPERATORS[type(node.op)]
    if isinstance(node.op, ast.Mod) and isinstance(left, Constant) and isinstance(left.value, str):
        for value in right.items if isinstance(right, TupleValue) else (right,):
            methods = ("__str__", "__repr__") if "%s" in left.value else ("__repr__",)
            stringify(interpreter, value, node.right, frame, methods)
        return TEXT
    flags = [value for value in (left, right) if isinstance(value, External) and value.name in FLAGS]
    if operator == "or" and flags:
        return flags[0]
    if operator == "or" and any(_is_type(value) for value in (left, right)):
        return TypeForm(interpreter.evaluate_annotation(node, frame))
    found: list[Value] = []
    answers = False  # where the left one does, the right one's method is not called
    for value, method, other in ((left, f"__{operator}__", right), (right, f"__r{operator}__", left)):
        for member in () if answers and value is right else each(value):
            if isinstance(member, QuerySet) and operator in {"and", "or"}:
                return member
            if isinstance(member, Instance):
                result = interpreter.call_method(member, method, Arguments((other,)), frame, node)
                if result is not None:
                    found.append(result)
                    answers = answers or External("NotImplemented") not in each(result)
            elif isinstance(member, (Collection, TupleValue)) and operator == "add":
                found.append(member)
    if isinstance(left, TupleValue) and isinstance(right, TupleValue) and operator == "add":
        return TupleValue((*left.items, *right.items))
    return join(*found) if found else UNKNOWN


def _is_type(value: Value) -> bool:
    """Return whether ``|`` makes a union of types with a value."""
    if isinstance(value, External):
        return is_class(value.name) or value.name in _TYPES
    return isinstance(value, (ClassValue, TypeForm))


def evaluate_unary(interpreter: Interpreter, node: ast.UnaryOp, frame: Frame) -> Value:
    """Evaluate a unary operator."""
    value = interpreter.evaluate(node.operand, frame)
    if isinstance(node.op, ast.Not):
        known = truth(interpreter, value, node.operand, frame)
        return UNKNOWN if known is None else Constant(not known)
    if isinstance(value, Constant) and isinstance(value.value, (int, float)) and isinstance(node.op, ast.USub):
        return Constant(-value.value)
    if isinstance(value, Instance):
        return interpreter.call_method(value, _UNARY[type(node.op)], Arguments(), frame, node) or UNKNOWN
    return UNKNOWN


def evaluate_compare(interpreter: Interpreter, node: ast.Compare, frame: Frame) -> Value:
    """Evaluate comparisons."""
    left, before = interpreter.evaluate(node.left, frame), node.left
    outcome: Value = UNKNOWN
    for operator, other in zip(node.ops, node.comparators, strict=True):
        right = interpreter.evaluate(other, frame)
        if isinstance(operator, (ast.In, ast.NotIn)):
            with frame.fix_override(lambda: fix_of(node)):
                _contained(interpreter, right, left, other, frame)
        elif isinstance(operator, _OF_SAMENESS) and are_of_loop(left, right, (before, other)):
            outcome = Constant(isinstance(operator, (ast.Is, ast.Eq)))
        elif isinstance(operator, (ast.Is, ast.IsNot)):
            outcome = _identical(left, right, is_same=isinstance(operator, ast.Is))
        else:
            outcome = _compared(interpreter, operator, left, right, node, frame)
        left, before = right, other
    return outcome if len(node.ops) == 1 else UNKNOWN


def _contained(interpreter: Interpreter, value: Value, item: Value, node: ast.expr, frame: Frame) -> None:
    for member in each(value):
        if isinstance(member, QuerySet):
            interpreter.orm.evaluate(member, Evaluation.CONTAINS, node, frame)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            if interpreter.call_method(member, "__contains__", Arguments((item,)), frame, node) is None:
                elements_of(interpreter, member, node, frame)
        elif isinstance(member, (Generator, Instance)):
            elements_of(interpreter, member, node, frame)
        elements = member.elements if isinstance(member, Collection) else UNKNOWN
        if isinstance(member, TupleValue) and member.items:
            elements = join(*member.items)
        for held in each(elements):
            if isinstance(held, Instance) and isinstance(held.cls, ClassValue):
                interpreter.call_method(held, "__eq__", Arguments((item,)), frame, node)


def _identical(left: Value, right: Value, *, is_same: bool) -> Value:
    if right != NOTHING:
        return UNKNOWN
    members = list(each(left))
    if members == [NOTHING]:
        return Constant(is_same)
    if NOTHING not in members and not any(isinstance(member, Unknown) for member in members):
        return Constant(not is_same)
    return UNKNOWN


def _ordered(order: ast.cmpop, left: object, right: object) -> Value:
    """Compare two numbers: loops over attempts count them."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return Constant(_ORDERS[type(order)](left, right))
    return UNKNOWN


def _compared(
    interpreter: Interpreter, operator: ast.cmpop, left: Value, right: Value, node: ast.Compare, frame: Frame
) -> Value:
    if isinstance(left, Constant) and isinstance(right, Constant) and isinstance(operator, (ast.Eq, ast.NotEq)):
        return Constant((left.value == right.value) is isinstance(operator, ast.Eq))
    if interpreter.follows_certainty and isinstance(left, Constant) and isinstance(right, Constant):
        return _ordered(operator, left.value, right.value)
    method = _COMPARISONS[type(operator)]
    for member in each(left):
        if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            found = interpreter.call_method(member, method, Arguments((right,)), frame, node)
            if found is None and isinstance(operator, ast.NotEq):
                interpreter.call_method(member, "__eq__", Arguments((right,)), frame, node)
            if found is not None:
                return UNKNOWN
    for member in each(right):
        if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            interpreter.call_method(member, _REFLECTED.get(method, method), Arguments((left,)), frame, node)
    return UNKNOWN


def evaluate_conditional(interpreter: Interpreter, node: ast.IfExp, frame: Frame) -> Value:
    """Evaluate ``a if b else c``."""
    known = truth(interpreter, interpreter.evaluate(node.test, frame), node.test, frame)
    values: list[Value] = []
    before = dict(frame.scope.names)
    if known is not False:
        narrow(interpreter, node.test, frame, holds=True)
        values.append(interpreter.evaluate(node.body, frame))
    frame.scope.names = dict(before)
    if known is not True:
        narrow(interpreter, node.test, frame, holds=False)
        values.append(interpreter.evaluate(node.orelse, frame))
    frame.scope.names = before
    return join(*values)
