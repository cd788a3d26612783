"""Which way a program goes: what its names are bound to after branches, loops and handlers of errors."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from ginger_async_safe.lint.assignments import bind
from ginger_async_safe.lint.displays import async_elements_of
from ginger_async_safe.lint.iterating import elements_of, truth
from ginger_async_safe.lint.narrowing import narrowed
from ginger_async_safe.lint.outcomes import known_truth
from ginger_async_safe.lint.values import (
    UNKNOWN,
    External,
    join,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["Names", "met", "read_async_for", "read_break", "read_for", "read_if", "read_try", "read_while"]

Names = dict[str, "Value"]


def met(ends: Sequence[Names], otherwise: Names) -> Names:
    """Return what names are bound to where several ways come together, or none does."""
    return functools.reduce(_joined, ends) if ends else otherwise


def _joined(first: Names, second: Names) -> Names:
    joined = dict(first)
    for name, value in second.items():
        mine = joined.get(name)
        if mine is None:
            joined[name] = value
        elif mine is not value and mine != value:
            joined[name] = join(mine, value)
    return joined


def read_if(machine: Machine, node: ast.If, frame: Frame) -> bool:
    """Read an ``if``."""
    known = known_truth(node.test)
    if known is None:
        known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    before = frame.scope.names
    stores = dict(frame.stores)
    ends: list[Names] = []
    if known is not False:
        frame.scope.names = dict(before)
        narrowed(machine, node.test, frame, holds=True)
        if machine.execute(node.body, frame):
            ends.append(frame.scope.names)
    after_body, frame.stores = frame.stores, stores
    if known is not True:
        frame.scope.names = dict(before)
        narrowed(machine, node.test, frame, holds=False)
        if machine.execute(node.orelse, frame):
            ends.append(frame.scope.names)
    frame.stores = _joined(frame.stores, after_body)
    frame.scope.names = met(ends, before)
    return bool(ends)


def _loop(frame: Frame, turn: Callable[[], bool], *, is_endless: bool) -> bool:
    """Read the body of a loop: twice, where the first turn changes what names are bound to."""
    before = dict(frame.scope.names)
    breaks: list[Names] = []
    frame.exits.append(breaks)
    frame.loops += 1
    try:
        falls = turn()
        after = frame.scope.names if falls else before
        again = _joined(before, after)
        if frame.loops == 1 and any(before.get(name) != value for name, value in again.items() if name in before):
            frame.scope.names = dict(again)
            falls = turn()
            after = frame.scope.names if falls else after
    finally:
        frame.exits.pop()
        frame.loops -= 1
    ends = [*breaks] if is_endless else [before, after, *breaks]
    frame.scope.names = met(ends, before)
    return bool(ends)


def read_for(machine: Machine, node: ast.For, frame: Frame) -> bool:
    """Read a ``for``."""
    elements = elements_of(machine, machine.evaluate(node.iter, frame), node.iter, frame)
    if isinstance(node.iter, (ast.Tuple, ast.List)) and not node.iter.elts:
        return machine.execute(node.orelse, frame)
    return _read_turns(machine, node, elements, frame)


def read_async_for(machine: Machine, node: ast.AsyncFor, frame: Frame) -> bool:
    """Read an ``async for``."""
    elements = async_elements_of(machine, machine.evaluate(node.iter, frame), node.iter, frame)
    return _read_turns(machine, node, elements, frame)


def _read_turns(machine: Machine, node: ast.For | ast.AsyncFor, elements: Value, frame: Frame) -> bool:
    def turn() -> bool:
        bind(machine, node.target, elements, node.iter, frame)
        return machine.execute(node.body, frame)

    _loop(frame, turn, is_endless=False)
    return machine.execute(node.orelse, frame)


def read_while(machine: Machine, node: ast.While, frame: Frame) -> bool:
    """Read a ``while``."""
    known = known_truth(node.test)
    if known is False:
        return machine.execute(node.orelse, frame)

    def turn() -> bool:
        if known is None:
            truth(machine, machine.evaluate(node.test, frame), node.test, frame)
            narrowed(machine, node.test, frame, holds=True)
        return machine.execute(node.body, frame)

    if not _loop(frame, turn, is_endless=known is True):
        return False
    narrowed(machine, node.test, frame, holds=False)
    return machine.execute(node.orelse, frame)


def read_break(_: Machine, __: ast.Break, frame: Frame) -> bool:
    """Read a ``break``."""
    if frame.exits:
        frame.exits[-1].append(dict(frame.scope.names))
    return False


def read_try(machine: Machine, node: ast.Try, frame: Frame) -> bool:
    """Read a ``try``: its handlers may begin anywhere in its body."""
    before = dict(frame.scope.names)
    falls = machine.execute(node.body, frame)
    after_body = frame.scope.names
    if falls:
        falls = machine.execute(node.orelse, frame)
    ends = [frame.scope.names] if falls else []
    in_handlers = _joined(before, after_body)
    for handler in node.handlers:
        if _is_never_reached(handler, node, machine, frame):
            continue
        frame.scope.names = dict(in_handlers)
        if handler.name is not None:
            frame.scope.names[handler.name] = UNKNOWN
        if machine.execute(handler.body, frame):
            ends.append(frame.scope.names)
    frame.scope.names = met(ends, in_handlers)
    return machine.execute(node.finalbody, frame) and bool(ends)


_ASKING_FOR_THE_LOOP = frozenset({"asyncio.get_running_loop", "asyncio.current_task", "sniffio.current_async_library"})


def _is_never_reached(handler: ast.ExceptHandler, node: ast.Try, machine: Machine, frame: Frame) -> bool:
    """Tell whether a handler is for the case that no loop runs: async code never comes there."""
    if len(node.body) != 1 or handler.type is None:
        return False
    names = {ast.unparse(handler.type).rpartition(".")[2]}
    if isinstance(handler.type, ast.Tuple):
        names = {ast.unparse(each_type).rpartition(".")[2] for each_type in handler.type.elts}
    if not names <= {"RuntimeError", "AsyncLibraryNotFoundError", "NoEventLoopError"}:
        return False
    for each_node in ast.walk(node.body[0]):
        if isinstance(each_node, ast.Call):
            value = machine.evaluate(each_node.func, frame.aside())
            if isinstance(value, External) and value.name in _ASKING_FOR_THE_LOOP:
                return True
    return False
