"""Control flow: what names are bound to after branches, loops and exception handlers."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each
from ginger_async_safe.lint.domain.frames import Exits
from ginger_async_safe.lint.domain.values import QuerySet
from ginger_async_safe.lint.interpreter.assignments import bind
from ginger_async_safe.lint.interpreter.consuming import elements_of
from ginger_async_safe.lint.interpreter.converting import truth
from ginger_async_safe.lint.interpreter.displays import async_elements_of, is_empty
from ginger_async_safe.lint.interpreter.loop_guards import asks_for_loop
from ginger_async_safe.lint.interpreter.narrowing import narrow
from ginger_async_safe.lint.interpreter.states import State, joined, met
from ginger_async_safe.lint.knowledge.orm import is_method_of_queryset
from ginger_async_safe.lint.source.static_tests import known_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.interpreter.states import Names

__all__ = [
    "execute_async_for",
    "execute_break",
    "execute_continue",
    "execute_for",
    "execute_if",
    "execute_try",
    "execute_while",
]


def execute_if(interpreter: Interpreter, node: ast.If, frame: Frame) -> bool:
    """Execute an ``if``."""
    known = known_truth(node.test)
    if known is None:
        known = truth(interpreter, interpreter.evaluate(node.test, frame), node.test, frame)
    before = State.of(frame)
    ends: list[State] = []
    for holds, body in ((True, node.body), (False, node.orelse)):
        if known is (not holds):
            continue
        before.begin(frame)
        narrow(interpreter, node.test, frame, holds=holds)
        if interpreter.execute(body, frame):
            ends.append(State.of(frame))
    are_set = any(end.attributes for end in ends)
    met(ends, before, _attributes_in(node.test) if are_set else frozenset()).resume(frame)
    return bool(ends)


def _attributes_in(test: ast.expr) -> frozenset[str]:
    """Return the attributes that a test asks for: where it is whether one is set, it is set after both branches."""
    return frozenset(part.attr for part in ast.walk(test) if isinstance(part, ast.Attribute))


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
    before = State(frame.scope.names, dict(frame.attributes_now))
    exits = Exits([], [])
    frame.exits.append(exits)
    frame.loops += 1
    try:
        after = _after_turn(frame, turn, before.names, exits)
        frame.scope.names = after
        certainty = frame.certainty()
        again = joined(before.names, after)
        if frame.loops == 1 and any(again[name] is not value for name, value in before.names.items()):
            after = _after_turn(frame, turn, again, exits)
    finally:
        frame.exits.pop()
        frame.loops -= 1
    ends = exits.breaks
    if otherwise is not None:
        before.or_else(State(after, frame.attributes_now)).begin(frame)
        if has_turn:
            frame.set_certainty(certainty)
        if otherwise():
            ends = [frame.scope.names, *ends]
    frame.scope.names = _names_met(ends, before.names)
    return bool(ends)


def _after_turn(frame: Frame, turn: Callable[[], bool], names: Names, exits: Exits) -> Names:
    """Execute the body of a loop once, and return what names are bound to where the next turn begins."""
    frame.scope.names = dict(names)
    ends = [frame.scope.names] if turn() else []
    return _names_met([*ends, *exits.continues], names)


def _names_met(ends: Sequence[Names], otherwise: Names) -> Names:
    return functools.reduce(joined, ends) if ends else otherwise


def execute_for(interpreter: Interpreter, node: ast.For, frame: Frame) -> bool:
    """Execute a ``for``."""
    elements = elements_of(interpreter, interpreter.evaluate(node.iter, frame), node.iter, frame)
    if is_empty(interpreter, node.iter, frame):
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
    """Execute a ``try``: its handlers may begin anywhere in its body, and ``finally`` anywhere before it."""
    exits = frame.exits_noted
    failed, falls = _execute_guarded(interpreter, node.body, frame)
    is_certain = frame.is_certain_since(exits, falls=falls)
    ends: list[State] = []
    if falls and interpreter.execute(node.orelse, frame):
        ends.append(State.of(frame))
    left = failed.or_else(State.of(frame))
    for handler in node.handlers:
        if _is_never_reached(handler, node, interpreter, frame):
            continue
        failed.begin(frame)
        if is_certain:  # an exception is most likely the blocking call's own
            frame.block()
        if handler.name is not None:
            frame.scope.names[handler.name] = UNKNOWN
        if interpreter.execute(handler.body, frame):
            ends.append(State.of(frame))
        left = left.or_else(State.of(frame))
    end = met(ends, left)
    if not node.finalbody:
        end.resume(frame)
        return bool(ends)
    left.begin(frame)
    noted = frame.exits_noted
    falls = interpreter.execute(node.finalbody, frame)
    frame.block_exits(exits, noted)
    if end != left:
        end.resume(frame)
        falls = interpreter.execute(node.finalbody, frame)
    return falls and bool(ends)


def _execute_guarded(interpreter: Interpreter, body: Sequence[ast.stmt], frame: Frame) -> tuple[State, bool]:
    """Execute the body of a ``try``, and return the state that a failure anywhere in it leads to, and whether it may end."""
    failed = State.of(frame)
    failed.begin(frame)
    for statement in body:
        falls = interpreter.execute([statement], frame)
        failed = failed.or_else(State.of(frame))
        if not falls:
            return failed, False
    return failed, True


def _is_never_reached(handler: ast.ExceptHandler, node: ast.Try, interpreter: Interpreter, frame: Frame) -> bool:
    """Return whether a handler is for a case that does not occur: that no event loop runs, or that a method is missing."""
    if handler.type is None:
        return False
    names = {ast.unparse(handler.type).rpartition(".")[2]}
    if isinstance(handler.type, ast.Tuple):
        names = {ast.unparse(each_type).rpartition(".")[2] for each_type in handler.type.elts}
    if names == {"AttributeError"}:
        return len(node.body) == 1 and _lacks_no_attribute(node.body[0], interpreter, frame)
    if not names <= {"RuntimeError", "AsyncLibraryNotFoundError", "NoEventLoopError"}:
        return False
    return asks_for_loop(interpreter, node.body, frame)


def _lacks_no_attribute(statement: ast.stmt, interpreter: Interpreter, frame: Frame) -> bool:
    """Return whether a statement does nothing but use methods that querysets have."""
    attributes = [part for part in ast.walk(statement) if isinstance(part, ast.Attribute)]
    calls = [part.func for part in ast.walk(statement) if isinstance(part, ast.Call)]
    return (
        bool(attributes)
        and all(isinstance(function, ast.Attribute) for function in calls)
        and all(
            isinstance(owner, QuerySet) and is_method_of_queryset(attribute.attr)
            for attribute in attributes
            for owner in each(interpreter.evaluate(attribute.value, frame.detached()))
        )
    )
