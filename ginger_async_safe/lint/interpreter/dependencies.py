"""Dependency injection: what frameworks hand in for parameters, such as what ``Depends(function)`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join_known
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import NOTHING, Awaitable, External, Generator, Instance
from ginger_async_safe.lint.knowledge.known import PROVIDING

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["handed_in"]


def handed_in(interpreter: Interpreter, value: Value, declared: Value, node: ast.expr, frame: Frame) -> Value | None:
    """Return what a framework hands in for a parameter, or ``None`` where a value asks for nothing.

    The framework itself calls the dependency: sync ones in a thread, and async ones are entry points of their own. So
    only what the call returns counts here.

    Args:
        interpreter: The interpreter.
        value: A default, or an argument of ``Annotated``.
        declared: What the annotation describes.
        node: Where the value is written.
        frame: The frame of the function whose parameter it is.
    """
    if not isinstance(value, Instance) or not isinstance(value.cls, External) or value.cls.name not in PROVIDING:
        return None
    dependency = value.elements
    if dependency is None or isinstance(dependency, Unknown) or dependency == NOTHING:
        return declared  # an instance of the annotated class
    made = interpreter.call(dependency, Arguments(is_complete=False), frame.detached(), node)
    given = join_known(_unwrapped(member) for member in each(made))
    return declared if isinstance(given, Unknown) or (given == NOTHING and not isinstance(declared, Unknown)) else given


def _unwrapped(value: Value) -> Value:
    """Return what is handed in of what a dependency returns: a generator's element, and what an awaitable gives."""
    if isinstance(value, Generator):
        return value.elements
    if isinstance(value, Awaitable):
        return value.result
    return UNKNOWN if isinstance(value, Unknown) else value
