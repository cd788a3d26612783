"""What an expression may be, and what evaluating it does."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.displays import read_comprehension, read_dict, read_generator, read_set, read_tuple
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import elements_of, indexed, shown
from ginger_async_safe.lint.names import name_value
from ginger_async_safe.lint.operators import read_binary, read_boolean, read_compare, read_conditional, read_unary
from ginger_async_safe.lint.registries import ADDING, hold
from ginger_async_safe.lint.values import (
    NOTHING,
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Closure,
    Collection,
    Instance,
    Literal,
    TupleValue,
    Unknown,
    each,
    join_known,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["called", "evaluate"]


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """Return what an expression may be, and note in the frame what it does."""
    handler = _HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(machine, node, frame)


def _constant(_: Machine, node: ast.Constant, __: Frame) -> Value:
    if isinstance(node.value, str):
        return Literal(node.value) if len(node.value) < 100 else TEXT  # noqa: PLR2004 - names, not texts
    return Literal(node.value)


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    return name_value(machine, node.id, frame)


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if isinstance(value, Unknown):
        return UNKNOWN
    return machine.attribute(value, node.attr, node, frame)


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    return called(machine, node, frame, is_awaited=False)


def called(machine: Machine, node: ast.Call, frame: Frame, *, is_awaited: bool) -> Value:
    """Return what a call returns, and note what it does."""
    machine.calls += 1
    function = machine.evaluate(node.func, frame)
    arguments = _arguments(machine, node, frame)
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in ADDING:
            _note_held(machine, node, node.func, arguments, frame)
        elif node.func.attr in {"setblocking", "settimeout"}:
            _note_blocking(machine, node.func.value, arguments, frame)
    if isinstance(function, Unknown):
        machine.unresolved += 1
        return UNKNOWN
    return machine.call(function, arguments, frame, node, is_awaited=is_awaited)


def _arguments(machine: Machine, node: ast.Call, frame: Frame) -> Arguments:
    positional: list[Value] = []
    is_complete = True
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            positional.append(machine.evaluate(argument, frame))
            continue
        value = machine.evaluate(argument.value, frame)
        if isinstance(value, TupleValue):
            positional += value.items
        else:
            elements_of(machine, value, argument.value, frame)
            is_complete = False
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is None:
            is_complete = False
        else:
            named[keyword.arg] = value
    return Arguments(tuple(positional), tuple(named.items()), is_complete)


def _note_blocking(machine: Machine, target: ast.expr, arguments: Arguments, frame: Frame) -> None:
    """Note that a socket does not block from now on."""
    first = arguments.get(0)
    if isinstance(target, ast.Name) and isinstance(first, Literal) and first.value is not None and not first.value:
        value = machine.evaluate(target, frame.aside())
        if isinstance(value, Instance):
            frame.scope.bind(target.id, replace(value, arguments=(("<nonblocking>", NOTHING),)))


def _note_held(machine: Machine, node: ast.Call, method: ast.Attribute, arguments: Arguments, frame: Frame) -> None:
    """Note what a list, set or dictionary holds from now on."""
    target = method.value
    if not arguments.positional:
        return
    added = arguments.positional[-1]
    if method.attr == "extend":
        added = elements_of(machine, added, node.args[-1], frame) if node.args else UNKNOWN
    if not isinstance(target, ast.Name) or target.id not in frame.scope.names:
        hold(machine, target, added, frame)
        return
    value = frame.scope.names[target.id]
    if isinstance(value, (TupleValue, Collection)):
        held = value.items if isinstance(value, TupleValue) else (value.elements,)
        frame.scope.names[target.id] = Collection("list", join_known((*held, added)))


def _awaited(machine: Machine, node: ast.Await, frame: Frame) -> Value:
    if isinstance(node.value, ast.Call):
        value = called(machine, node.value, frame, is_awaited=True)
    else:
        value = machine.evaluate(node.value, frame)
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Awaitable):
            found.append(member.result)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = machine.call_method(member, "__await__", Arguments(), frame, node.value)
            found.append(UNKNOWN if result is None else _given_by(machine, result, node.value, frame))
    return join_known(found)


def _given_by(machine: Machine, iterator: Value, node: ast.expr, frame: Frame) -> Value:
    elements_of(machine, iterator, node, frame)
    return UNKNOWN


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Value:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            machine.evaluate(default, frame)
    return Closure(frame.module, f"{_local_name(frame)}.<locals>.<lambda>", node, frame.scope, frame.owner)


def _local_name(frame: Frame) -> str:
    return frame.function.removeprefix(f"{frame.module.name}.")


def _joined_text(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            methods = ("__repr__",) if part.conversion == ord("r") else ("__format__", "__str__", "__repr__")
            shown(machine, machine.evaluate(part.value, frame), part.value, frame, methods)
    return TEXT


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    index = UNKNOWN if isinstance(node.slice, ast.Slice) else machine.evaluate(node.slice, frame)
    return indexed(machine, value, index, node, frame)


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if isinstance(node.target, ast.Name):
        frame.scope.bind(node.target.id, value)
    return value


def _yield(machine: Machine, node: ast.Yield, frame: Frame) -> Value:
    frame.is_generator = True
    frame.yielded.append(NOTHING if node.value is None else machine.evaluate(node.value, frame))
    return UNKNOWN


def _yield_from(machine: Machine, node: ast.YieldFrom, frame: Frame) -> Value:
    frame.is_generator = True
    value = machine.evaluate(node.value, frame)
    frame.yielded.append(elements_of(machine, value, node.value, frame))
    return UNKNOWN


def _starred(machine: Machine, node: ast.Starred, frame: Frame) -> Value:
    return elements_of(machine, machine.evaluate(node.value, frame), node.value, frame)


_HANDLERS: dict[type[ast.AST], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _awaited,
    ast.BoolOp: read_boolean,
    ast.BinOp: read_binary,
    ast.UnaryOp: read_unary,
    ast.Compare: read_compare,
    ast.IfExp: read_conditional,
    ast.Lambda: _lambda,
    ast.Tuple: read_tuple,
    ast.List: read_tuple,
    ast.Set: read_set,
    ast.Dict: read_dict,
    ast.ListComp: read_comprehension,
    ast.SetComp: read_comprehension,
    ast.DictComp: read_comprehension,
    ast.GeneratorExp: read_generator,
    ast.JoinedStr: _joined_text,
    ast.Subscript: _subscript,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Starred: _starred,
}
