"""Guards of the event loop's thread: tests that tell it from other threads, and code that asks for a running loop.

All that is reported runs in the thread of an event loop. So a branch for other threads, or for the case that no loop runs,
is not reached there.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import each
from ginger_async_safe.lint.domain.values import BoundMethod, Constant, External, Fact, Instance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["are_of_loop", "asks_for_loop"]

_OF_LOOP = re.compile(r"loop|main", re.IGNORECASE)
_QUERIES = frozenset(
    {
        "anyio.get_current_task",
        "asyncio.current_task",
        "asyncio.get_running_loop",
        "sniffio.current_async_library",
        "trio.lowlevel.current_task",
    }
)
_IDENTIFIERS = frozenset({"threading.Thread.ident", "threading.Thread.name", "threading.Thread.native_id"})


def are_of_loop(left: Value, right: Value, nodes: tuple[ast.expr, ast.expr]) -> bool:
    """Return whether two values, of which one is the current thread or loop, are the same in the thread of an event loop.

    The other one is the main thread, which the loop runs in; or a thread that is only ever set to the current one; or it is
    called after the loop or the main thread.

    Args:
        left: The one value.
        right: The other value.
        nodes: Their expressions.
    """
    for here, there, node in ((left, right, nodes[1]), (right, left, nodes[0])):
        fact = _fact(here)
        if fact is Fact.CURRENT and not _is_thread(here):
            return there != Constant(None) or isinstance(
                node, ast.Call
            )  # the default of getattr() is not all it may be
        if fact is Fact.CURRENT:
            others = {_fact(member) for member in each(there)}
            return others <= {Fact.CURRENT, Fact.MAIN} or _OF_LOOP.search(_name_of(node)) is not None
    return False


def _fact(value: Value) -> Fact | None:
    """Return what an instance, or an attribute that identifies a thread, is known to be."""
    if value == Constant("MainThread"):
        return Fact.MAIN
    if isinstance(value, BoundMethod) and isinstance(value.function, External) and value.function.name in _IDENTIFIERS:
        value = value.receiver
    if not isinstance(value, Instance):
        return None
    return next((fact for fact in (Fact.CURRENT, Fact.MAIN) if fact in value.facts), None)


def _is_thread(value: Value) -> bool:
    return isinstance(value, BoundMethod) or (isinstance(value, Instance) and value.cls == External("threading.Thread"))


def _name_of(node: ast.expr) -> str:
    while isinstance(node, (ast.Call, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def asks_for_loop(interpreter: Interpreter, body: Sequence[ast.stmt], frame: Frame) -> bool:
    """Return whether statements first ask for the running loop or task, which raises an error where there is none."""
    for node in ast.walk(body[0]):
        if isinstance(node, ast.Call):
            value = interpreter.evaluate(node.func, frame.detached())
            if isinstance(value, External) and value.name in _QUERIES:
                return True
    return False
