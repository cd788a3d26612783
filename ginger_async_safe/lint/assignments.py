"""What assignments do: to names, attributes, items and several of them at once."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.classes import setter_of
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import elements_of, unpacked
from ginger_async_safe.lint.operators import OPERATORS
from ginger_async_safe.lint.registries import hold
from ginger_async_safe.lint.values import (
    UNKNOWN,
    BoundMethod,
    ClassValue,
    Collection,
    Instance,
    Literal,
    TupleValue,
    Unknown,
    join,
    join_known,
    with_attribute,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["bind", "read_annotated", "read_assign", "read_augmented", "read_delete"]


def read_assign(machine: Machine, node: ast.Assign, frame: Frame) -> bool:
    """Read an assignment."""
    value = machine.evaluate(node.value, frame)
    for target in node.targets:
        bind(machine, target, value, node.value, frame)
    return True


def read_annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> bool:
    """Read an assignment with an annotation."""
    value = UNKNOWN if node.value is None else machine.evaluate(node.value, frame)
    if isinstance(value, (Unknown, Literal)) or (isinstance(value, Collection) and isinstance(value.elements, Unknown)):
        declared = machine.annotated(node.annotation, frame)
        value = declared if isinstance(value, Unknown) or not isinstance(declared, Unknown) else value
    if node.value is not None or isinstance(node.target, ast.Name):
        bind(machine, node.target, value, node.value or node.annotation, frame)
    return True


def read_augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> bool:
    """Read an assignment such as ``+=``."""
    operation = ast.BinOp(node.target, node.op, node.value)
    ast.copy_location(operation, node)
    owner = machine.evaluate(node.target, frame.aside())
    value: Value | None = None
    if isinstance(owner, Instance):
        added = machine.evaluate(node.value, frame.aside())
        method = f"__i{OPERATORS[type(node.op)]}__"
        value = machine.call_method(owner, method, Arguments((added,)), frame, operation)
    elif isinstance(owner, (TupleValue, Collection)) and isinstance(node.op, ast.Add):
        added = machine.evaluate(node.value, frame)
        held = owner.items if isinstance(owner, TupleValue) else (owner.elements,)
        value = Collection("list", join_known((*held, elements_of(machine, added, node.value, frame))))
    if value is None:
        value = machine.evaluate(operation, frame)
    bind(machine, node.target, value, node.value, frame)
    return True


def bind(machine: Machine, target: ast.expr, value: Value, node: ast.expr, frame: Frame) -> None:
    """Bind a target, which may be several in one, to a value."""
    if isinstance(target, ast.Name):
        frame.scope.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, item in enumerate(target.elts):
            inner = item.value if isinstance(item, ast.Starred) else item
            position = -1 if isinstance(item, ast.Starred) else index
            # What is unpacked is iterated once, whatever it is unpacked to.
            part = unpacked(machine, value, (position,), node, frame if index == 0 else frame.aside())
            bind(machine, inner, part, node, frame)
    elif isinstance(target, ast.Attribute):
        _store(machine, target, value, frame)
    elif isinstance(target, ast.Subscript):
        _store_item(machine, target, value, frame)


def _store(machine: Machine, target: ast.Attribute, value: Value, frame: Frame) -> None:
    owner = machine.evaluate(target.value, frame)
    if owner == frame.receiver:
        known = frame.stores.get(target.attr)
        frame.stores[target.attr] = value if known is None or not frame.loops else join(known, value)
        frame.stored.setdefault(target.attr, []).append(value)
    if isinstance(owner, Instance):
        setter = setter_of(machine, owner.cls, target.attr, frame) if isinstance(owner.cls, ClassValue) else None
        if setter is not None:
            machine.call(BoundMethod(setter, owner), Arguments((value,)), frame, target)
        if isinstance(target.value, ast.Name) and setter is None and owner != frame.receiver:
            loaded = None if owner.loaded is None else owner.loaded | {target.attr}
            changed = with_attribute(replace(owner, loaded=loaded), target.attr, value)
            if frame.scope.find(target.value.id) in {owner, None}:
                frame.scope.names[target.value.id] = changed


def _store_item(machine: Machine, target: ast.Subscript, value: Value, frame: Frame) -> None:
    owner = machine.evaluate(target.value, frame)
    index = UNKNOWN if isinstance(target.slice, ast.Slice) else machine.evaluate(target.slice, frame)
    if isinstance(owner, Instance):
        machine.call_method(owner, "__setitem__", Arguments((index, value)), frame, target)
    elif not isinstance(target.value, ast.Name) or target.value.id not in frame.scope.names:
        hold(machine, target.value, value, frame)
    elif isinstance(owner, (Collection, TupleValue)):
        if isinstance(owner, TupleValue):
            owner = Collection("list", join(*owner.items) if owner.items else UNKNOWN)
        held = owner.elements if owner.values is None else owner.values
        joined = join_known((held, value))
        is_map = owner.kind == "dict"
        frame.scope.names[target.value.id] = (
            replace(owner, values=joined, keyed=()) if is_map else replace(owner, elements=joined, values=None)
        )


def read_delete(machine: Machine, node: ast.Delete, frame: Frame) -> bool:
    """Read a ``del``."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.scope.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = machine.evaluate(target.value, frame)
            if isinstance(owner, Instance):
                machine.call_method(owner, "__delitem__", Arguments((UNKNOWN,)), frame, target)
    return True
