"""Generic classes: what the type variables in them stand for."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import each, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import ClassValue, Collection, External, Instance, TypeForm
from ginger_async_safe.lint.interpreter.classes import definition_of, order_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["of_variable", "type_parameters", "with_variables"]

_DECLARING = frozenset({"typing.Generic", "typing.Protocol"})


def type_parameters(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> tuple[str, ...]:
    """Return the names of the type parameters of a class, in their order."""
    return interpreter.classes.parameters.of(cls, frame, lambda: _find_parameters(interpreter, cls))


def _find_parameters(interpreter: Interpreter, cls: ClassValue) -> tuple[tuple[str, ...], int]:
    frame = _frame_around(cls)
    node = definition_of(interpreter, cls)
    if node is None:
        return (), frame.modules
    declared = [parameter.name for parameter in getattr(node, "type_params", ())]
    if declared:
        return tuple(declared), frame.modules
    found: dict[str, None] = {}
    for base in node.bases:
        if not isinstance(base, ast.Subscript):
            continue
        names = [
            each_node.id
            for each_node in ast.walk(base.slice)
            if isinstance(each_node, ast.Name) and _is_variable(interpreter.evaluate(each_node, frame))
        ]
        origin = interpreter.evaluate(base.value, frame)
        if isinstance(origin, External) and origin.name in _DECLARING:
            return tuple(dict.fromkeys(names)), frame.modules  # it gives their order
        found.update(dict.fromkeys(names))
    return tuple(found), frame.modules


def _frame_around(cls: ClassValue) -> Frame:
    return Frame(cls.scope or Scope(cls.module), cls.name)


def _is_variable(value: Value) -> bool:
    return isinstance(value, TypeForm) and bool(value.variable)


def of_variable(interpreter: Interpreter, value: TypeForm, frame: Frame) -> Value:
    """Return what a type variable is in a method: what its class is given, or else its bound.

    In the body of a class, a variable is itself, since there is no instance yet.
    """
    owner = frame.owner
    if owner is None:
        return value.stands_for
    if frame.receiver is None and frame.function == owner.name:
        return value
    if not isinstance(frame.receiver, Instance):
        return value.stands_for
    return _given(interpreter, frame.receiver, owner, frame).get(value.variable, value.stands_for)


def with_variables(interpreter: Interpreter, value: Value, receiver: Instance, owner: Value, frame: Frame) -> Value:
    """Return an attribute that a class declares, with what the type variables in it stand for.

    Args:
        interpreter: The interpreter.
        value: The attribute.
        receiver: The instance.
        owner: The class that declares it.
        frame: The current frame.
    """
    if not isinstance(owner, ClassValue) or not any(_has_variable(member) for member in each(value)):
        return value
    given = _given(interpreter, receiver, owner, frame)
    return join_known([_replaced(member, given) for member in each(value)])


def _has_variable(value: Single) -> bool:
    if isinstance(value, Collection):
        return any(_is_variable(inner) for inner in (value.elements, value.values) if inner is not None)
    return _is_variable(value)


def _replaced(value: Value, given: Mapping[str, Value]) -> Value:
    if isinstance(value, TypeForm) and value.variable:
        return given.get(value.variable, value.stands_for)
    if isinstance(value, Collection) and _has_variable(value):
        values = None if value.values is None else _replaced(value.values, given)
        return replace(value, elements=_replaced(value.elements, given), values=values)
    return value


def _given(interpreter: Interpreter, receiver: Instance, owner: ClassValue, frame: Frame) -> Mapping[str, Value]:
    """Return what the type parameters of a class stand for in an instance of it or of a class derived from it."""
    cls = receiver.cls
    if not isinstance(cls, ClassValue):
        return {}
    return _given_to(interpreter, cls, receiver.parameters, owner, frame)


def _given_to(
    interpreter: Interpreter, cls: ClassValue, arguments: tuple[Value, ...], owner: ClassValue, frame: Frame
) -> Mapping[str, Value]:
    given = dict(zip(type_parameters(interpreter, cls, frame), arguments, strict=False))
    if cls == owner:
        return given
    node = definition_of(interpreter, cls)
    inner = _frame_around(cls)
    for base in [] if node is None else node.bases:
        generic = base.value if isinstance(base, ast.Subscript) else base
        origin = interpreter.evaluate(generic, inner)
        if not isinstance(origin, ClassValue) or owner not in order_of(interpreter, origin, inner) or origin == cls:
            continue
        passed = _passed(interpreter, base, given, inner)
        frame.depend_on(inner.modules)
        return _given_to(interpreter, origin, passed, owner, frame)
    return {}


def _passed(interpreter: Interpreter, base: ast.expr, given: Mapping[str, Value], frame: Frame) -> tuple[Value, ...]:
    """Return the type arguments in the base of a class."""
    if not isinstance(base, ast.Subscript):
        return ()
    nodes = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
    return tuple(
        given[node.id]
        if isinstance(node, ast.Name) and node.id in given
        else interpreter.evaluate_annotation(node, frame)
        for node in nodes
    )
