"""Assignments: to names, attributes, items, and several of them at once."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    BoundMethod,
    ClassValue,
    Collection,
    Constant,
    Instance,
    TupleValue,
    has_unknown_contents,
    with_attribute,
)
from ginger_async_safe.lint.interpreter.classes import setter_of
from ginger_async_safe.lint.interpreter.consuming import elements_of, unpacked
from ginger_async_safe.lint.interpreter.operators import OPERATORS
from ginger_async_safe.lint.interpreter.registries import hold, is_local
from ginger_async_safe.lint.interpreter.shared_state import put_into_state

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["bind", "execute_annotated", "execute_assign", "execute_augmented", "execute_delete"]


def execute_assign(interpreter: Interpreter, node: ast.Assign, frame: Frame) -> bool:
    """Execute an assignment."""
    value = interpreter.evaluate(node.value, frame)
    for target in node.targets:
        bind(interpreter, target, value, node.value, frame)
    return True


def execute_annotated(interpreter: Interpreter, node: ast.AnnAssign, frame: Frame) -> bool:
    """Execute an annotated assignment."""
    value = UNKNOWN if node.value is None else interpreter.evaluate(node.value, frame)
    if isinstance(value, (Unknown, Constant)) or has_unknown_contents(value):
        value = _declared(interpreter, node, value, frame)
    if node.value is not None or isinstance(node.target, ast.Name):
        bind(interpreter, node.target, value, node.value or node.annotation, frame)
    return True


def _declared(interpreter: Interpreter, node: ast.AnnAssign, value: Value, frame: Frame) -> Value:
    """Return what an annotated target is bound to: its annotation may tell what is assigned to it elsewhere."""
    declared = interpreter.evaluate_annotation(node.annotation, frame)
    if isinstance(value, Unknown):
        return declared
    is_seen = isinstance(node.target, ast.Name)  # where else it is assigned to
    if is_seen and all(member.decides or isinstance(member, Unknown) for member in each(declared)):
        return value
    return value if isinstance(declared, Unknown) else declared


def execute_augmented(interpreter: Interpreter, node: ast.AugAssign, frame: Frame) -> bool:
    """Execute an augmented assignment, such as ``+=``."""
    operation = ast.BinOp(node.target, node.op, node.value)
    ast.copy_location(operation, node)
    owner = interpreter.evaluate(node.target, frame.detached())
    value: Value | None = None
    if isinstance(owner, Instance):
        added = interpreter.evaluate(node.value, frame.detached())
        method = f"__i{OPERATORS[type(node.op)]}__"
        value = interpreter.call_method(owner, method, Arguments((added,)), frame, operation)
    elif isinstance(owner, (TupleValue, Collection)) and isinstance(node.op, ast.Add):
        added = interpreter.evaluate(node.value, frame)
        held = owner.items if isinstance(owner, TupleValue) else (owner.elements,)
        value = Collection("list", join_known((*held, elements_of(interpreter, added, node.value, frame))))
    if value is None:
        value = interpreter.evaluate(operation, frame)
    bind(interpreter, node.target, value, node.value, frame)
    return True


def bind(interpreter: Interpreter, target: ast.expr, value: Value, node: ast.expr, frame: Frame) -> None:
    """Bind a target, which may be a tuple of targets, to a value."""
    if isinstance(target, ast.Name):
        frame.scope.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, item in enumerate(target.elts):
            inner = item.value if isinstance(item, ast.Starred) else item
            position = -1 if isinstance(item, ast.Starred) else index
            # Unpacking iterates once, however many targets there are.
            part = unpacked(interpreter, value, (position,), node, frame if index == 0 else frame.detached())
            bind(interpreter, inner, part, node, frame)
    elif isinstance(target, ast.Attribute):
        _store(interpreter, target, value, frame)
    elif isinstance(target, ast.Subscript):
        _store_item(interpreter, target, value, frame)


def _store(interpreter: Interpreter, target: ast.Attribute, value: Value, frame: Frame) -> None:
    owner = interpreter.evaluate(target.value, frame)
    put_into_state(interpreter, target, owner, value)
    if owner == frame.receiver:
        known = frame.attributes_now.get(target.attr)
        frame.attributes_now[target.attr] = value if known is None or not frame.loops else join(known, value)
        frame.attributes_ever.setdefault(target.attr, []).append(value)
    if isinstance(owner, Instance):
        setter = setter_of(interpreter, owner.cls, target.attr, frame) if isinstance(owner.cls, ClassValue) else None
        if setter is not None:
            interpreter.call(BoundMethod(setter, owner), Arguments((value,)), frame, target)
        if isinstance(target.value, ast.Name) and setter is None and owner != frame.receiver:
            loaded = None if owner.loaded is None else owner.loaded | {target.attr}
            changed = with_attribute(replace(owner, loaded=loaded), target.attr, value)
            if frame.scope.find(target.value.id) in {owner, None}:
                frame.scope.names[target.value.id] = changed


def _store_item(interpreter: Interpreter, target: ast.Subscript, value: Value, frame: Frame) -> None:
    owner = interpreter.evaluate(target.value, frame)
    index = interpreter.evaluate(target.slice, frame)
    put_into_state(interpreter, target, owner, value)
    if isinstance(owner, Instance):
        interpreter.call_method(owner, "__setitem__", Arguments((index, value)), frame, target)
        return
    if not is_local(target.value, frame):
        hold(interpreter, target.value, value, frame)
    if not isinstance(target.value, ast.Name) or target.value.id not in frame.scope.names:
        return
    if isinstance(owner, (Collection, TupleValue)):
        if isinstance(owner, TupleValue):
            owner = Collection("list", join(*owner.items) if owner.items else UNKNOWN)
        held = owner.elements if owner.values is None else owner.values
        joined = join_known((held, value))
        is_map = owner.kind == "dict"
        frame.scope.names[target.value.id] = (
            replace(owner, values=joined, keyed=()) if is_map else replace(owner, elements=joined, values=None)
        )


def execute_delete(interpreter: Interpreter, node: ast.Delete, frame: Frame) -> bool:
    """Execute a ``del``."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.scope.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = interpreter.evaluate(target.value, frame)
            if isinstance(owner, Instance):
                interpreter.call_method(owner, "__delitem__", Arguments((UNKNOWN,)), frame, target)
    return True
