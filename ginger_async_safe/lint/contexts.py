"""What ``with`` does, sync and async, and what it grants."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.assignments import bind
from ginger_async_safe.lint.blocking import block
from ginger_async_safe.lint.decorating import grant_of
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import LOCKS, entered
from ginger_async_safe.lint.values import (
    NOTHING,
    Awaitable,
    ClassValue,
    External,
    Generator,
    Instance,
    Unknown,
    each,
    join_known,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["read_async_with", "read_with"]


def read_with(machine: Machine, node: ast.With, frame: Frame) -> bool:
    """Read a ``with``."""
    swallows = False

    def enter(value: Value, expression: ast.expr) -> Value:
        nonlocal swallows
        swallows = swallows or _may_swallow(value)
        _block_lock(machine, value, expression, node, frame)
        return entered(machine, value, expression, frame)

    return _read_inside(machine, node, frame, enter) or swallows


def read_async_with(machine: Machine, node: ast.AsyncWith, frame: Frame) -> bool:
    """Read an ``async with``, which may swallow what is raised in it."""
    _read_inside(machine, node, frame, lambda value, expression: _entered_async(machine, value, expression, frame))
    return True


def _read_inside(
    machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame, enter: Callable[[Value, ast.expr], Value]
) -> bool:
    """Read the body, under what the items grant and with what ``as`` binds, and tell whether it comes to its end."""
    outside = len(frame.grants)
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            continue
        inside = enter(value, item.context_expr)
        if item.optional_vars is not None:
            bind(machine, item.optional_vars, inside, item.context_expr, frame)
    falls = machine.execute(node.body, frame)
    del frame.grants[outside:]
    return falls


def _block_lock(machine: Machine, value: Value, node: ast.expr, statement: ast.With, frame: Frame) -> None:
    """Note a lock of threads that is held while the loop runs other tasks: one of them may wait for it."""
    for member in each(value):
        if isinstance(member, Instance) and isinstance(member.cls, External) and member.cls.name in LOCKS:
            rule = machine.rules.of(f"{member.cls.name}.__enter__")
            is_held = any(isinstance(inner, ast.Await) for part in statement.body for inner in ast.walk(part))
            if rule is not None and is_held:
                block(frame, node, rule)


def _may_swallow(value: Value) -> bool:
    return any(
        isinstance(member, Unknown | Generator)
        or (
            isinstance(member, Instance)
            and member.cls in (External("contextlib.suppress"), External("contextlib.ExitStack"))
        )
        for member in each(value)
    )


def _entered_async(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Generator):
            found.append(member.elements)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = machine.call_method(member, "__aenter__", Arguments(), frame, node)
            machine.call_method(member, "__aexit__", Arguments((NOTHING, NOTHING, NOTHING)), frame, node)
            if isinstance(result, Awaitable):
                found.append(result.result)
        elif isinstance(member, Instance):
            found.append(member)
    return join_known(found)
