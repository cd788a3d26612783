"""What ``match`` does, and what its patterns say of a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.branches import met
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import truth, unpacked
from ginger_async_safe.lint.values import (
    UNKNOWN,
    ClassValue,
    External,
    Instance,
    each,
    join,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.branches import Names
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["read_match"]


def read_match(machine: Machine, node: ast.Match, frame: Frame) -> bool:
    """Read a ``match``."""
    subject = machine.evaluate(node.subject, frame)
    before = frame.scope.names
    ends: list[Names] = []
    is_exhausted = False
    for case in node.cases:
        frame.scope.names = dict(before)
        _bind_pattern(machine, case.pattern, subject, node.subject, frame)
        if case.guard is not None:
            truth(machine, machine.evaluate(case.guard, frame), case.guard, frame)
        if machine.execute(case.body, frame):
            ends.append(frame.scope.names)
        is_exhausted = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
    if not is_exhausted:
        ends.append(before)
    frame.scope.names = met(ends, before)
    return bool(ends)


def _bind_pattern(machine: Machine, pattern: ast.pattern, value: Value, node: ast.expr, frame: Frame) -> None:
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            value = _matched(machine, pattern.pattern, value, frame)
            _bind_pattern(machine, pattern.pattern, value, node, frame)
        if pattern.name is not None:
            frame.scope.names[pattern.name] = value
            if isinstance(node, ast.Name) and pattern.pattern is not None:
                frame.scope.names[node.id] = value
    elif isinstance(pattern, ast.MatchClass):
        matched = _matched(machine, pattern, value, frame)
        if isinstance(node, ast.Name):
            frame.scope.names[node.id] = matched
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            _bind_pattern(machine, inner, machine.attribute(matched, name, node, frame), pattern.cls, frame)
    elif isinstance(pattern, ast.MatchSequence):
        for index, inner in enumerate(pattern.patterns):
            part = unpacked(machine, value, (index,), node, frame if index == 0 else frame.aside())
            _bind_pattern(machine, inner, part, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchOr):
        for inner in pattern.patterns:
            _bind_pattern(machine, inner, value, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchValue) and isinstance(value, Instance):
        machine.evaluate(pattern.value, frame)
        machine.call_method(value, "__eq__", Arguments((UNKNOWN,)), frame, pattern.value)


def _matched(machine: Machine, pattern: ast.pattern, value: Value, frame: Frame) -> Value:
    if not isinstance(pattern, ast.MatchClass):
        return value
    cls = machine.evaluate(pattern.cls, frame)
    if not isinstance(cls, (ClassValue, External)):
        return UNKNOWN
    kept = [
        member for member in each(value) if isinstance(member, Instance) and machine.is_derived(member.cls, cls, frame)
    ]
    return join(*kept) if kept else Instance(cls)
