"""Narrowing: what a test implies for the names in it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.clauses import State
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    ClassValue,
    External,
    Instance,
    TupleValue,
    TypeForm,
    with_fact,
)
from ginger_async_safe.lint.interpreter.classes import is_derived

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["done", "narrow", "note_done"]

_FUTURE = External("concurrent.futures.Future")


def narrow(interpreter: Interpreter, test: ast.expr, frame: Frame, *, holds: bool) -> None:
    """Bind names to what they may be where a test holds, or does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        narrow(interpreter, test.operand, frame, holds=not holds)
    elif isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is holds:
            for part in test.values:
                narrow(interpreter, part, frame, holds=holds)
    elif isinstance(test, ast.Name):
        if holds:
            _filter(test.id, frame, lambda member: member != NOTHING)
    elif isinstance(test, ast.NamedExpr):
        narrow(interpreter, test.target, frame, holds=holds)
    elif (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Is, ast.IsNot))
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value is None
    ):
        target = test.left.target if isinstance(test.left, ast.NamedExpr) else test.left
        is_none = isinstance(test.ops[0], ast.Is) is holds
        if isinstance(target, ast.Name):
            _filter(target.id, frame, lambda member: isinstance(member, Unknown) or (member == NOTHING) is is_none)
    elif (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id == "isinstance"
        and len(test.args) == 2  # noqa: PLR2004 - isinstance(value, classes)
        and isinstance(test.args[0], ast.Name)
    ):
        _narrow_to_classes(interpreter, test.args[0].id, test.args[1], frame, holds=holds)
    elif (
        holds
        and isinstance(test, ast.Call)
        and isinstance(test.func, ast.Attribute)
        and test.func.attr in {"done", "cancelled"}
        and isinstance(test.func.value, ast.Name)
        and not test.args
    ):
        _note_done(test.func.value, frame)


def done(value: Value) -> Value:
    """Return a value of which the futures of ``concurrent.futures`` are done."""
    return join(
        *(
            with_fact(member, State.DONE) if isinstance(member, Instance) and member.cls == _FUTURE else member
            for member in each(value)
        )
    )


def note_done(awaited: ast.expr, frame: Frame) -> None:
    """Note that futures are done: those that ``asyncio.wrap_future`` wraps in an expression that was awaited."""
    for node in ast.walk(awaited):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "wrap_future":
                _note_done(node.args[0], frame)


def _note_done(name: ast.Name, frame: Frame) -> None:
    value = frame.scope.names.get(name.id)
    if value is not None:
        frame.scope.names[name.id] = done(value)


def _filter(name: str, frame: Frame, keeps: Callable[[Value], bool]) -> None:
    value = frame.scope.names.get(name)
    if value is not None:
        kept = [member for member in each(value) if keeps(member)]
        if len(kept) < len(list(each(value))):
            frame.scope.names[name] = join(*kept) if kept else UNKNOWN


def _classes(value: Value) -> list[Value]:
    """Return the classes that the second argument of ``isinstance`` means; other values where it means something else."""
    if isinstance(value, TupleValue):
        return [cls for item in value.items for cls in _classes(item)]
    if isinstance(value, TypeForm) and not value.variable:
        if isinstance(value.origin, Unknown):  # a union of types
            return [member.cls if isinstance(member, Instance) else member for member in each(value.stands_for)]
        return [value.origin]
    return [value]


def _narrow_to_classes(interpreter: Interpreter, name: str, node: ast.expr, frame: Frame, *, holds: bool) -> None:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    classes = [cls for each_node in nodes for cls in _classes(interpreter.evaluate(each_node, frame.detached()))]
    if not all(isinstance(cls, (ClassValue, External)) for cls in classes):
        return

    def is_one(member: Value) -> bool:
        return isinstance(member, Instance) and any(is_derived(interpreter, member.cls, cls, frame) for cls in classes)

    if not holds:
        _filter(name, frame, lambda member: not is_one(member))
        return
    value = frame.scope.find(name)
    if value is None:
        return
    kept = [member for member in each(value) if is_one(member)]
    if not kept and not any(isinstance(member, Unknown) for member in each(value)):
        frame.scope.names[name] = UNKNOWN  # it is registered as a virtual subclass, or the branch is not reached
        return
    if not kept:
        kept = [Instance(cls) for cls in classes if isinstance(cls, (ClassValue, External))]
    frame.scope.names[name] = join(*kept)
