"""Shared state: what functions put on the web application is what others find there (``source/shared_state.py``)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import (
    TEXT,
    BoundMethod,
    Closure,
    Collection,
    Constant,
    External,
    Instance,
    TupleValue,
    function_at,
)
from ginger_async_safe.lint.interpreter.functions import evaluate_anew
from ginger_async_safe.lint.source.shared_state import place_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.project import Module
    from ginger_async_safe.lint.source.shared_state import Store

__all__ = ["found_in_state", "put_into_state"]


def put_into_state(interpreter: Interpreter, target: ast.expr, owner: Value, value: Value) -> None:
    """Note what is assigned to a place in the shared state, while it is searched for.

    Args:
        interpreter: The interpreter.
        target: The target of the assignment.
        owner: The object that it is an attribute or item of.
        value: What is assigned.
    """
    recorded = interpreter.shared.recorded
    if recorded is not None and _may_be_state(owner):
        place = place_of(target)
        if place:
            recorded.setdefault(place, []).extend(map(_plain, each(value)))


def _plain(value: Value) -> Value:
    """Return what others see of a value in the shared state: an object by its class alone.

    Who finds it there passes it on, and is evaluated for each of its variations. Functions that were defined in others are
    left out, since their results are not kept; so are constants and texts, which are mostly settings.
    """
    if isinstance(value, Instance):
        return UNKNOWN if value == TEXT else replace(value, arguments=(), attributes=(), origin="")
    return UNKNOWN if isinstance(value, (Closure, Constant, Collection, TupleValue)) else value


def found_in_state(interpreter: Interpreter, node: ast.expr, owner: Value, frame: Frame) -> Value:
    """Return what the functions of the program put into a place in the shared state; unknown where there is none.

    Args:
        interpreter: The interpreter.
        node: The expression that reads it.
        owner: The object that it is an attribute or item of.
        frame: The current frame, which then depends on the functions' modules.
    """
    shared = interpreter.shared
    if not shared.stores or not _may_be_state(owner):
        return UNKNOWN
    place = place_of(node)
    if place not in shared.stores:
        return UNKNOWN
    values: list[Value] = []
    for module, store in shared.stores[place]:
        values += _recorded_by(interpreter, module, store, frame).get(place, ())
    return join_known(values)


def _may_be_state(owner: Value) -> bool:
    """Return whether an object may be an application's state: it is outside code's, or not known."""
    if isinstance(owner, BoundMethod):
        owner = owner.function
    return isinstance(owner, (External, Unknown)) or (isinstance(owner, Instance) and isinstance(owner.cls, External))


def _recorded_by(interpreter: Interpreter, module: Module, store: Store, frame: Frame) -> Mapping[str, list[Value]]:
    """Return what a function puts into the shared state, by place; what it has put there by now, while it is evaluated."""
    shared = interpreter.shared
    key = (module, store.qualname, store.line)
    frame.depend_on(module.bit)
    known = shared.by_function.get(key)
    if known is None:
        recorded: dict[str, list[Value]] = {}
        shared.by_function[key] = recorded, module.bit
        outer, shared.recorded = shared.recorded, recorded
        try:
            modules = _evaluate(interpreter, module, store)
        finally:
            shared.recorded = outer
        known = shared.by_function[key] = recorded, modules
    frame.depend_on(known[1])
    return known[0]


def _evaluate(interpreter: Interpreter, module: Module, store: Store) -> int:
    """Evaluate what puts something into the shared state, and return the modules that this depends on."""
    if store.qualname:
        function = function_at(module, store.qualname, store.line)
        receiver = None if function.owner is None else Instance(function.owner)
        return evaluate_anew(interpreter, function, receiver)
    frame = Frame(Scope(module), module.name)
    for assignment in interpreter.project.symbols(module).assignments:
        value = interpreter.evaluate(assignment.value, frame)
        for target in assignment.targets:
            put_into_state(interpreter, target, UNKNOWN, value)
    return frame.modules
