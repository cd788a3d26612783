"""``match`` statements and their patterns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import ClassValue, External, Instance
from ginger_async_safe.lint.interpreter.classes import is_derived
from ginger_async_safe.lint.interpreter.consuming import unpacked
from ginger_async_safe.lint.interpreter.converting import truth
from ginger_async_safe.lint.interpreter.states import State, met

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["execute_match"]


def execute_match(interpreter: Interpreter, node: ast.Match, frame: Frame) -> bool:
    """Execute a ``match``."""
    subject = interpreter.evaluate(node.subject, frame)
    before = State.of(frame)
    ends: list[State] = []
    is_exhausted = False
    for case in node.cases:
        before.begin(frame)
        _bind_pattern(interpreter, case.pattern, subject, node.subject, frame)
        if case.guard is not None:
            truth(interpreter, interpreter.evaluate(case.guard, frame), case.guard, frame)
        if interpreter.execute(case.body, frame):
            ends.append(State.of(frame))
        is_exhausted = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
    if not is_exhausted:
        ends.append(before)
    met(ends, before).resume(frame)
    return bool(ends)


def _bind_pattern(interpreter: Interpreter, pattern: ast.pattern, value: Value, node: ast.expr, frame: Frame) -> None:
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            value = _matched(interpreter, pattern.pattern, value, frame)
            _bind_pattern(interpreter, pattern.pattern, value, node, frame)
        if pattern.name is not None:
            frame.scope.names[pattern.name] = value
            if isinstance(node, ast.Name) and pattern.pattern is not None:
                frame.scope.names[node.id] = value
    elif isinstance(pattern, ast.MatchClass):
        matched = _matched(interpreter, pattern, value, frame)
        if isinstance(node, ast.Name):
            frame.scope.names[node.id] = matched
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            _bind_pattern(interpreter, inner, interpreter.attribute(matched, name, node, frame), pattern.cls, frame)
    elif isinstance(pattern, ast.MatchSequence):
        for index, inner in enumerate(pattern.patterns):
            part = unpacked(interpreter, value, (index,), node, frame if index == 0 else frame.detached())
            _bind_pattern(interpreter, inner, part, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchOr):
        for inner in pattern.patterns:
            _bind_pattern(interpreter, inner, value, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchValue) and isinstance(value, Instance):
        interpreter.evaluate(pattern.value, frame)
        interpreter.call_method(value, "__eq__", Arguments((UNKNOWN,)), frame, pattern.value)


def _matched(interpreter: Interpreter, pattern: ast.pattern, value: Value, frame: Frame) -> Value:
    if not isinstance(pattern, ast.MatchClass):
        return value
    cls = interpreter.evaluate(pattern.cls, frame)
    if not isinstance(cls, (ClassValue, External)):
        return UNKNOWN
    kept = [
        member
        for member in each(value)
        if isinstance(member, Instance) and is_derived(interpreter, member.cls, cls, frame)
    ]
    return join(*kept) if kept else Instance(cls)
