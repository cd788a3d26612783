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
    UNKNOWN,
    Awaitable,
    ClassValue,
    External,
    Generator,
    Instance,
    Unknown,
    each,
    join,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["read_async_with", "read_with"]


def read_with(machine: Machine, node: ast.With, frame: Frame) -> bool:
    """Read a ``with``."""
    granted = 0
    swallows = False
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            granted += 1
            continue
        swallows = swallows or _may_swallow(value)
        _block_lock(machine, value, item.context_expr, node, frame)
        inside = entered(machine, value, item.context_expr, frame)
        if item.optional_vars is not None:
            bind(machine, item.optional_vars, inside, item.context_expr, frame)
    falls = machine.execute(node.body, frame)
    for _ in range(granted):
        frame.grants.pop()
    return falls or swallows


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


def read_async_with(machine: Machine, node: ast.AsyncWith, frame: Frame) -> bool:
    """Read an ``async with``."""
    granted = 0
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            granted += 1
            continue
        inside = _entered_async(machine, value, item.context_expr, frame)
        if item.optional_vars is not None:
            bind(machine, item.optional_vars, inside, item.context_expr, frame)
    machine.execute(node.body, frame)
    falls = True
    for _ in range(granted):
        frame.grants.pop()
    return falls


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
    known = [member for member in found if not isinstance(member, Unknown)]
    return join(*known) if known else UNKNOWN
