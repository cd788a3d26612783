"""Expressions: what they may be, and the events of evaluating them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.clauses import State
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join_known
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    TEXT,
    Awaitable,
    ClassValue,
    Closure,
    Collection,
    Constant,
    External,
    Instance,
    TupleValue,
    is_queue,
    with_fact,
)
from ginger_async_safe.lint.interpreter.consuming import elements_of, indexed
from ginger_async_safe.lint.interpreter.converting import stringify
from ginger_async_safe.lint.interpreter.displays import (
    evaluate_comprehension,
    evaluate_dict,
    evaluate_generator,
    evaluate_set,
    evaluate_tuple,
)
from ginger_async_safe.lint.interpreter.fills import filled_variable
from ginger_async_safe.lint.interpreter.names import name_value
from ginger_async_safe.lint.interpreter.narrowing import note_done
from ginger_async_safe.lint.interpreter.operators import (
    evaluate_binary,
    evaluate_boolean,
    evaluate_compare,
    evaluate_conditional,
    evaluate_unary,
)
from ginger_async_safe.lint.interpreter.registries import hold, is_local
from ginger_async_safe.lint.interpreter.shared_state import found_in_state
from ginger_async_safe.lint.source.fills import ADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["evaluate"]

_APPLICATION_KEY = External("aiohttp.web.AppKey")


def evaluate(interpreter: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """Return what an expression may be, and record its events in the frame."""
    handler = _HANDLERS.get(type(node), _of_unknown_kind)
    return handler(interpreter, node, frame)


def _of_unknown_kind(interpreter: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """Evaluate the parts of an expression of an unknown kind, which a newer Python may have added."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            interpreter.evaluate(part, frame)
    return UNKNOWN


def _constant(_: Interpreter, node: ast.Constant, __: Frame) -> Value:
    if isinstance(node.value, str):
        return Constant(node.value) if len(node.value) < 100 else TEXT  # noqa: PLR2004 - names, not texts
    return Constant(node.value)


def _name(interpreter: Interpreter, node: ast.Name, frame: Frame) -> Value:
    value = name_value(interpreter, node.id, frame)
    if node.id in interpreter.fills.by_name and frame.scope.find(node.id) is None:
        return filled_variable(interpreter, frame.module, node.id, value, frame)
    return value


def _attribute(interpreter: Interpreter, node: ast.Attribute, frame: Frame) -> Value:
    value = interpreter.evaluate(node.value, frame)
    found = UNKNOWN if isinstance(value, Unknown) else interpreter.attribute(value, node.attr, node, frame)
    return found_in_state(interpreter, node, value, frame) if isinstance(found, Unknown) else found


def _call(interpreter: Interpreter, node: ast.Call, frame: Frame) -> Value:
    return _evaluate_call(interpreter, node, frame, is_awaited=False)


def _evaluate_call(interpreter: Interpreter, node: ast.Call, frame: Frame, *, is_awaited: bool) -> Value:
    """Return what a call returns, and record its events in the frame."""
    interpreter.counts.calls += 1
    function = interpreter.evaluate(node.func, frame)
    arguments = _arguments(interpreter, node, frame)
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in ADDING or (frame.is_read_for_fills and node.func.attr == "update"):
            _note_held(interpreter, node, node.func, arguments, frame)
        elif node.func.attr in {"setblocking", "settimeout"}:
            _note_mode(interpreter, node.func.value, node.func.attr, arguments, frame)
    if isinstance(function, Unknown):
        interpreter.counts.unresolved += 1
        return UNKNOWN
    return interpreter.call(function, arguments, frame, node, is_awaited=is_awaited)


def _arguments(interpreter: Interpreter, node: ast.Call, frame: Frame) -> Arguments:
    positional: list[Value] = []
    is_complete = True
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            positional.append(interpreter.evaluate(argument, frame))
            continue
        value = interpreter.evaluate(argument.value, frame)
        if isinstance(value, TupleValue):
            positional += value.items
        else:
            elements_of(interpreter, value, argument.value, frame)
            is_complete = False
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        value = interpreter.evaluate(keyword.value, frame)
        if keyword.arg is None:
            is_complete = False
        else:
            named[keyword.arg] = value
    return Arguments(tuple(positional), tuple(named.items()), is_complete)


def _note_mode(interpreter: Interpreter, target: ast.expr, method: str, arguments: Arguments, frame: Frame) -> None:
    """Note the mode of a socket after ``setblocking`` or ``settimeout``, which takes ``None`` for no limit."""
    first = arguments.get(0)
    if not isinstance(target, ast.Name) or not isinstance(first, Constant):
        return
    value = interpreter.evaluate(target, frame.detached())
    if isinstance(value, Instance):
        is_blocking = bool(first.value) or (method == "settimeout" and first.value is None)
        changed = with_fact(value, State.NON_BLOCKING, holds=not is_blocking)
        changed = with_fact(changed, State.TIMED, holds=method == "settimeout" and bool(first.value))
        if changed is not value:
            frame.scope.bind(target.id, changed)


def _note_held(
    interpreter: Interpreter, node: ast.Call, method: ast.Attribute, arguments: Arguments, frame: Frame
) -> None:
    """Record what is added to a list, set or dictionary."""
    target = method.value
    if not arguments.positional:
        return
    added = arguments.positional[-1]
    if method.attr == "extend":
        added = elements_of(interpreter, added, node.args[-1], frame) if node.args else UNKNOWN
    elif method.attr in {"put", "put_nowait"}:
        added = arguments.positional[0]
    elif method.attr == "update":
        given = [member for member in each(added) if isinstance(member, (Collection, TupleValue))]
        added = join_known(
            member.values
            if isinstance(member, Collection) and member.values is not None
            else elements_of(interpreter, member, node, frame.detached())
            for member in given
        )
    if not is_local(target, frame):
        hold(interpreter, target, added, frame)
    if not isinstance(target, ast.Name) or target.id not in frame.scope.names:
        return
    value = frame.scope.names[target.id]
    if isinstance(value, Instance) and is_queue(value):
        frame.scope.names[target.id] = replace(value, elements=join_known((value.elements or UNKNOWN, added)))
    elif isinstance(value, (TupleValue, Collection)):
        held = value.items if isinstance(value, TupleValue) else (value.elements,)
        frame.scope.names[target.id] = Collection("list", join_known((*held, added)))


def _awaited(interpreter: Interpreter, node: ast.Await, frame: Frame) -> Value:
    if isinstance(node.value, ast.Call):
        value = _evaluate_call(interpreter, node.value, frame, is_awaited=True)
        note_done(node.value, frame)
    else:
        value = interpreter.evaluate(node.value, frame)
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Awaitable):
            found.append(member.result)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = interpreter.call_method(member, "__await__", Arguments(), frame, node.value)
            found.append(UNKNOWN if result is None else _given_by(interpreter, result, node.value, frame))
    return join_known(found)


def _given_by(interpreter: Interpreter, iterator: Value, node: ast.expr, frame: Frame) -> Value:
    elements_of(interpreter, iterator, node, frame)
    return UNKNOWN


def _lambda(interpreter: Interpreter, node: ast.Lambda, frame: Frame) -> Value:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            interpreter.evaluate(default, frame)
    return Closure(frame.module, f"{_local_name(frame)}.<locals>.<lambda>", node, frame.scope, frame.owner)


def _local_name(frame: Frame) -> str:
    return frame.function.removeprefix(f"{frame.module.name}.")


def _joined_text(interpreter: Interpreter, node: ast.JoinedStr, frame: Frame) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            methods = ("__repr__",) if part.conversion == ord("r") else ("__format__", "__str__", "__repr__")
            stringify(interpreter, interpreter.evaluate(part.value, frame), part.value, frame, methods)
            if part.format_spec is not None:
                interpreter.evaluate(part.format_spec, frame)
    return TEXT


def _subscript(interpreter: Interpreter, node: ast.Subscript, frame: Frame) -> Value:
    value = interpreter.evaluate(node.value, frame)
    index = interpreter.evaluate(node.slice, frame)
    found = indexed(interpreter, value, index, node, frame)
    if isinstance(found, Unknown):
        found = found_in_state(interpreter, node, value, frame)
        if isinstance(found, Unknown) and isinstance(index, Instance) and index.cls == _APPLICATION_KEY:
            return index.elements or UNKNOWN
    return found


def _named(interpreter: Interpreter, node: ast.NamedExpr, frame: Frame) -> Value:
    value = interpreter.evaluate(node.value, frame)
    if isinstance(node.target, ast.Name):
        frame.scope.bind(node.target.id, value)
    return value


def _yield(interpreter: Interpreter, node: ast.Yield, frame: Frame) -> Value:
    frame.is_generator = True
    frame.yielded.append(NOTHING if node.value is None else interpreter.evaluate(node.value, frame))
    return UNKNOWN


def _yield_from(interpreter: Interpreter, node: ast.YieldFrom, frame: Frame) -> Value:
    frame.is_generator = True
    value = interpreter.evaluate(node.value, frame)
    frame.yielded.append(elements_of(interpreter, value, node.value, frame))
    return UNKNOWN


def _starred(interpreter: Interpreter, node: ast.Starred, frame: Frame) -> Value:
    return elements_of(interpreter, interpreter.evaluate(node.value, frame), node.value, frame)


_HANDLERS: dict[type[ast.AST], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _awaited,
    ast.BoolOp: evaluate_boolean,
    ast.BinOp: evaluate_binary,
    ast.UnaryOp: evaluate_unary,
    ast.Compare: evaluate_compare,
    ast.IfExp: evaluate_conditional,
    ast.Lambda: _lambda,
    ast.Tuple: evaluate_tuple,
    ast.List: evaluate_tuple,
    ast.Set: evaluate_set,
    ast.Dict: evaluate_dict,
    ast.ListComp: evaluate_comprehension,
    ast.SetComp: evaluate_comprehension,
    ast.DictComp: evaluate_comprehension,
    ast.GeneratorExp: evaluate_generator,
    ast.JoinedStr: _joined_text,
    ast.Subscript: _subscript,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Starred: _starred,
}
