"""``with`` and ``async with``: entering context managers, and grants."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import Unknown, each, join_known
from ginger_async_safe.lint.domain.events import block
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import NOTHING, Awaitable, ClassValue, External, Generator, Instance
from ginger_async_safe.lint.interpreter.assignments import bind
from ginger_async_safe.lint.interpreter.consuming import LOCKS, enter
from ginger_async_safe.lint.interpreter.decorators import grant_of
from ginger_async_safe.lint.interpreter.loop_guards import asks_for_loop
from ginger_async_safe.lint.source.fills import ADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["execute_async_with", "execute_with"]

_POOL = Instance(External("concurrent.futures.ThreadPoolExecutor"))


def execute_with(interpreter: Interpreter, node: ast.With, frame: Frame) -> bool:
    """Execute a ``with``."""
    swallows = False

    def enter_item(value: Value, expression: ast.expr) -> Value:
        nonlocal swallows
        swallows = swallows or (_may_swallow(value) and not _is_for_no_loop(interpreter, expression, node, frame))
        if value == _POOL and _awaits_jobs(node, expression):
            return value
        _block_lock(interpreter, value, expression, node, frame)
        return enter(interpreter, value, expression, frame)

    return _execute_inside(interpreter, node, frame, enter_item) or swallows


def execute_async_with(interpreter: Interpreter, node: ast.AsyncWith, frame: Frame) -> bool:
    """Execute an ``async with``, which may suppress exceptions."""
    _execute_inside(
        interpreter, node, frame, lambda value, expression: _enter_async(interpreter, value, expression, frame)
    )
    return True


def _execute_inside(
    interpreter: Interpreter,
    node: ast.With | ast.AsyncWith,
    frame: Frame,
    enter_item: Callable[[Value, ast.expr], Value],
) -> bool:
    """Execute the body with its grants and the names that ``as`` binds, and return whether its end is reached."""
    outside = len(frame.grants)
    for item in node.items:
        value = interpreter.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            continue
        inside = enter_item(value, item.context_expr)
        if item.optional_vars is not None:
            bind(interpreter, item.optional_vars, inside, item.context_expr, frame)
    falls = interpreter.execute(node.body, frame)
    del frame.grants[outside:]
    return falls


def _block_lock(interpreter: Interpreter, value: Value, node: ast.expr, statement: ast.With, frame: Frame) -> None:
    """Record a thread lock that is held across an ``await``: another task may wait for it."""
    for member in each(value):
        if isinstance(member, Instance) and isinstance(member.cls, External) and member.cls.name in LOCKS:
            rule = interpreter.rules.of(f"{member.cls.name}.__enter__")
            is_held = any(isinstance(inner, ast.Await) for part in statement.body for inner in ast.walk(part))
            if rule is not None and is_held:
                block(frame, node, rule)


def _is_for_no_loop(interpreter: Interpreter, manager: ast.expr, node: ast.With, frame: Frame) -> bool:
    """Return whether a context manager suppresses the error that no event loop runs, which never happens on one."""
    names = [ast.unparse(each_node) for each_node in manager.args] if isinstance(manager, ast.Call) else []
    return names == ["RuntimeError"] and asks_for_loop(interpreter, node.body, frame)


def _awaits_jobs(node: ast.With, manager: ast.expr) -> bool:
    """Return whether a block awaits all that it gives a pool of threads to do, so that leaving it does not wait.

    Each time that the block names the pool is inside an ``await``, or gives a job to a variable that the block awaits.
    """
    target = next((item.optional_vars or manager for item in node.items if item.context_expr is manager), manager)
    if not isinstance(target, ast.Name):
        return False
    awaited: set[str] = set()
    inside: set[ast.AST] = set()
    for each_node in (inner for part in node.body for inner in ast.walk(part)):
        if isinstance(each_node, ast.Await):
            parts = set(ast.walk(each_node))
        elif isinstance(each_node, ast.For) and any(
            isinstance(inner, ast.Await) for part in each_node.body for inner in ast.walk(part)
        ):
            parts = set(ast.walk(each_node.iter))
        else:
            continue
        inside |= parts
        awaited |= {part.id for part in parts if isinstance(part, ast.Name)}
    for each_node in (inner for part in node.body for inner in ast.walk(part)):
        if (
            isinstance(each_node, ast.Assign)
            and {target.id for target in each_node.targets if isinstance(target, ast.Name)} & awaited
        ):
            inside |= set(ast.walk(each_node.value))
        elif (
            isinstance(each_node, ast.Call)
            and isinstance(each_node.func, ast.Attribute)
            and each_node.func.attr in ADDING
            and isinstance(each_node.func.value, ast.Name)
            and each_node.func.value.id in awaited
        ):
            inside |= set(ast.walk(each_node))
    return all(
        each_node in inside
        for part in node.body
        for each_node in ast.walk(part)
        if isinstance(each_node, ast.Name) and each_node.id == target.id
    )


def _may_swallow(value: Value) -> bool:
    return any(
        isinstance(member, Unknown | Generator)
        or (
            isinstance(member, Instance)
            and member.cls in (External("contextlib.suppress"), External("contextlib.ExitStack"))
        )
        for member in each(value)
    )


def _enter_async(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame) -> Value:
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Generator):
            found.append(member.elements)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = interpreter.call_method(member, "__aenter__", Arguments(), frame, node)
            interpreter.call_method(member, "__aexit__", Arguments((NOTHING, NOTHING, NOTHING)), frame, node)
            if isinstance(result, Awaitable):
                found.append(result.result)
        elif isinstance(member, Instance):
            found.append(member)
    return join_known(found)
