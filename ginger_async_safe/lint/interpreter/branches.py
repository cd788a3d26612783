"""Control flow: what names are bound to after branches, loops and exception handlers."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, join
from ginger_async_safe.lint.domain.frames import Exits
from ginger_async_safe.lint.domain.values import External
from ginger_async_safe.lint.interpreter.assignments import bind
from ginger_async_safe.lint.interpreter.consuming import elements_of, truth
from ginger_async_safe.lint.interpreter.displays import async_elements_of
from ginger_async_safe.lint.interpreter.narrowing import narrow
from ginger_async_safe.lint.source.static_tests import known_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = [
    "Names",
    "execute_async_for",
    "execute_break",
    "execute_continue",
    "execute_for",
    "execute_if",
    "execute_try",
    "execute_while",
    "met",
]

Names = dict[str, "Value"]


def met(ends: Sequence[Names], otherwise: Names) -> Names:
    """Return what names are bound to where several branches meet; a default where none reaches that point."""
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


def execute_if(interpreter: Interpreter, node: ast.If, frame: Frame) -> bool:
    """Execute an ``if``."""
    known = known_truth(node.test)
    if known is None:
        known = truth(interpreter, interpreter.evaluate(node.test, frame), node.test, frame)
    before = frame.scope.names
    stores = dict(frame.attributes_now)
    ends: list[Names] = []
    if known is not False:
        frame.scope.names = dict(before)
        narrow(interpreter, node.test, frame, holds=True)
        if interpreter.execute(node.body, frame):
            ends.append(frame.scope.names)
    after_body, frame.attributes_now = frame.attributes_now, stores
    if known is not True:
        frame.scope.names = dict(before)
        narrow(interpreter, node.test, frame, holds=False)
        if interpreter.execute(node.orelse, frame):
            ends.append(frame.scope.names)
    frame.attributes_now = _joined(frame.attributes_now, after_body)
    frame.scope.names = met(ends, before)
    return bool(ends)


def _loop(
    frame: Frame, turn: Callable[[], bool], otherwise: Callable[[], bool] | None, *, has_turn: bool = False
) -> bool:
    """Execute a loop, and return whether what follows it is reached.

    Args:
        frame: The function that it is in.
        turn: Executes its body: twice, where the first turn changes what names are bound to.
        otherwise: Executes its ``else``; ``None`` for a loop that only a ``break`` ends.
        has_turn: Whether its body is executed at least once.
    """
    before = frame.scope.names
    exits = Exits([], [])
    frame.exits.append(exits)
    frame.loops += 1
    try:
        after = _after_turn(frame, turn, before, exits)
        frame.scope.names = after
        certainty = frame.certainty()
        again = _joined(before, after)
        if frame.loops == 1 and any(before.get(name) != value for name, value in again.items() if name in before):
            after = _after_turn(frame, turn, again, exits)
    finally:
        frame.exits.pop()
        frame.loops -= 1
    ends = exits.breaks
    if otherwise is not None:
        frame.scope.names = _joined(before, after)
        if has_turn:
            frame.set_certainty(certainty)
        if otherwise():
            ends = [frame.scope.names, *ends]
    frame.scope.names = met(ends, before)
    return bool(ends)


def _after_turn(frame: Frame, turn: Callable[[], bool], names: Names, exits: Exits) -> Names:
    """Execute the body of a loop once, and return what names are bound to where the next turn begins."""
    frame.scope.names = dict(names)
    ends = [frame.scope.names] if turn() else []
    return met([*ends, *exits.continues], names)


def execute_for(interpreter: Interpreter, node: ast.For, frame: Frame) -> bool:
    """Execute a ``for``."""
    elements = elements_of(interpreter, interpreter.evaluate(node.iter, frame), node.iter, frame)
    if isinstance(node.iter, (ast.Tuple, ast.List)) and not node.iter.elts:
        return interpreter.execute(node.orelse, frame)
    return _execute_turns(interpreter, node, elements, frame)


def execute_async_for(interpreter: Interpreter, node: ast.AsyncFor, frame: Frame) -> bool:
    """Execute an ``async for``."""
    elements = async_elements_of(interpreter, interpreter.evaluate(node.iter, frame), node.iter, frame)
    return _execute_turns(interpreter, node, elements, frame)


def _execute_turns(interpreter: Interpreter, node: ast.For | ast.AsyncFor, elements: Value, frame: Frame) -> bool:
    def turn() -> bool:
        bind(interpreter, node.target, elements, node.iter, frame)
        return interpreter.execute(node.body, frame)

    return _loop(frame, turn, lambda: interpreter.execute(node.orelse, frame), has_turn=_has_turn(node.iter))


def _has_turn(node: ast.expr) -> bool:
    """Return whether a loop over an iterable has a turn: ``range`` is for attempts, and displays have elements."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "range"
    return isinstance(node, (ast.Tuple, ast.List)) and bool(node.elts)


def execute_while(interpreter: Interpreter, node: ast.While, frame: Frame) -> bool:
    """Execute a ``while``."""
    known = known_truth(node.test)
    if known is False:
        return interpreter.execute(node.orelse, frame)
    has_turn = bool(known)
    if interpreter.follows_certainty and not has_turn:
        inner = frame.detached()
        has_turn = truth(interpreter, interpreter.evaluate(node.test, inner), node.test, inner) is True

    def turn() -> bool:
        if known is None:
            truth(interpreter, interpreter.evaluate(node.test, frame), node.test, frame)
            narrow(interpreter, node.test, frame, holds=True)
        return interpreter.execute(node.body, frame)

    def otherwise() -> bool:
        narrow(interpreter, node.test, frame, holds=False)
        return interpreter.execute(node.orelse, frame)

    return _loop(frame, turn, None if known else otherwise, has_turn=has_turn)


def execute_break(_: Interpreter, __: ast.Break, frame: Frame) -> bool:
    """Execute a ``break``."""
    if frame.exits:
        frame.exits[-1].breaks.append(dict(frame.scope.names))
    return False


def execute_continue(_: Interpreter, __: ast.Continue, frame: Frame) -> bool:
    """Execute a ``continue``."""
    if frame.exits:
        frame.exits[-1].continues.append(dict(frame.scope.names))
    return False


def execute_try(interpreter: Interpreter, node: ast.Try, frame: Frame) -> bool:
    """Execute a ``try``: its handlers may begin anywhere in its body."""
    before = dict(frame.scope.names)
    exits = frame.exits_noted
    falls = interpreter.execute(node.body, frame)
    after_body = frame.scope.names
    is_certain = frame.is_certain_since(exits, falls=falls)
    if falls:
        falls = interpreter.execute(node.orelse, frame)
    ends = [frame.scope.names] if falls else []
    in_handlers = _joined(before, after_body)
    for handler in node.handlers:
        if _is_never_reached(handler, node, interpreter, frame):
            continue
        frame.scope.names = dict(in_handlers)
        if is_certain:  # an exception is most likely the blocking call's own
            frame.block()
        if handler.name is not None:
            frame.scope.names[handler.name] = UNKNOWN
        if interpreter.execute(handler.body, frame):
            ends.append(frame.scope.names)
    frame.scope.names = met(ends, in_handlers)
    return interpreter.execute(node.finalbody, frame) and bool(ends)


_LOOP_QUERIES = frozenset({"asyncio.get_running_loop", "asyncio.current_task", "sniffio.current_async_library"})


def _is_never_reached(handler: ast.ExceptHandler, node: ast.Try, interpreter: Interpreter, frame: Frame) -> bool:
    """Return whether a handler is for the case that no event loop runs: async code never reaches it."""
    if len(node.body) != 1 or handler.type is None:
        return False
    names = {ast.unparse(handler.type).rpartition(".")[2]}
    if isinstance(handler.type, ast.Tuple):
        names = {ast.unparse(each_type).rpartition(".")[2] for each_type in handler.type.elts}
    if not names <= {"RuntimeError", "AsyncLibraryNotFoundError", "NoEventLoopError"}:
        return False
    for each_node in ast.walk(node.body[0]):
        if isinstance(each_node, ast.Call):
            value = interpreter.evaluate(each_node.func, frame.detached())
            if isinstance(value, External) and value.name in _LOOP_QUERIES:
                return True
    return False
