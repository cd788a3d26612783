"""Calls of abstract methods: what they may run is in the classes that implement these.

Where such a call is evaluated, it is an event of its own, which names the method. Only when it reaches an async function,
it is replaced by the blocking calls of the implementations. So they are evaluated once for all calls, whatever these give
and receive, and also where implementations of several classes call each other; an abstract method returns what its
annotation says.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each
from ginger_async_safe.lint.domain.events import block_as
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.kinds import Limit
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.values import (
    AbstractMethod,
    BoundMethod,
    Closure,
    Constant,
    Decorated,
    FunctionValue,
    Instance,
)
from ginger_async_safe.lint.interpreter.classes import find, order_of
from ginger_async_safe.lint.interpreter.consuming import elements_of
from ginger_async_safe.lint.interpreter.implementers import abstract_methods_used, implementers_of
from ginger_async_safe.lint.interpreter.program import AbstractCall
from ginger_async_safe.lint.interpreter.recursion import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.domain.values import ClassValue
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["call_abstract", "uses_abstract_methods", "with_implementations"]

_PREFIX = "abstract:"
_NODE = ast.parse("implementation()", mode="eval").body


def uses_abstract_methods(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> bool:
    """Return whether a method of a class is abstract, or uses abstract methods of the same instance.

    In installed packages none counts: what implements them may be anywhere.
    """
    return not interpreter.follows_certainty and bool(abstract_methods_used(interpreter, cls, name, frame))


def call_abstract(
    interpreter: Interpreter, cls: ClassValue, name: str, arguments: Arguments, frame: Frame, node: ast.expr
) -> None:
    """Record the call of an abstract method."""
    constants = Arguments(
        tuple(map(_constant_or_unknown, arguments.positional)),
        tuple((each_name, _constant_or_unknown(value)) for each_name, value in arguments.named),
        arguments.is_complete,
    )
    rule = f"{_PREFIX}{cls.name}.{name}{constants!r}"
    interpreter.abstract_calls.by_id.setdefault(rule, AbstractCall(cls, name, constants))
    block_as(frame, node, rule, f"{cls.name}.{name}", frame.fix_of(node))


def _constant_or_unknown(value: Value) -> Value:
    return value if isinstance(value, Constant) else UNKNOWN


def with_implementations(interpreter: Interpreter, events: Iterable[Finding], frame: Frame) -> Iterator[Finding]:
    """Yield events, with those of the implementations instead of the calls of abstract methods.

    Args:
        interpreter: The interpreter.
        events: The events.
        frame: A frame, which then depends on the modules of the implementations.
    """
    for event in events:
        if event.id.startswith(_PREFIX):
            yield from _implemented(interpreter, event, frame)
        else:
            yield event


def _implemented(interpreter: Interpreter, call: Finding, frame: Frame) -> Iterator[Finding]:
    """Yield the events of all implementations of a called method, and of those that these call, nearest first."""
    todo, seen = [call], {call.id}
    for current in todo:
        if _is_quiet(interpreter, current.id, frame):
            continue
        for event in _entered(interpreter, current, frame):
            if not event.id.startswith(_PREFIX):
                yield event
            elif event.id not in seen:
                seen.add(event.id)
                todo.append(event)


def _is_quiet(interpreter: Interpreter, rule: str, frame: Frame) -> bool:
    """Return whether no implementation of a method blocks, nor one that these call."""
    quiet, recursion = interpreter.abstract_calls.quiet, interpreter.recursion
    known = quiet.get(rule)
    if known is not None:
        frame.depend_on(known[1])
        recursion.limits |= known[2]
        return known[0]
    inner = Frame(frame.scope, frame.function)
    around, recursion.limits = recursion.limits, frozenset()
    todo, seen = [rule], {rule}
    is_quiet = True
    for current in todo:
        for _, event in _events_of(interpreter, current, inner):
            if not event.id.startswith(_PREFIX):
                is_quiet = False
            elif event.id not in seen:
                seen.add(event.id)
                todo.append(event.id)
        if not is_quiet:
            break
    if not interpreter.budget.is_spent:
        known = is_quiet, inner.modules, recursion.limits
        quiet.update(dict.fromkeys(seen if is_quiet else {rule}, known))
    frame.depend_on(inner.modules)
    recursion.limits |= around
    return is_quiet


def _entered(interpreter: Interpreter, call: Finding, frame: Frame) -> Iterator[Finding]:
    """Yield the events of the implementations of a called method, with its call chain in front of theirs."""
    base = interpreter.abstract_calls.by_id[call.id].cls
    *outer, last = call.chain
    runs: dict[ClassValue, bool] = {}
    for cls, event in _events_of(interpreter, call.id, frame):
        if cls not in runs:
            runs[cls] = _runs_through(interpreter, cls, base, call, frame)
        if not runs[cls]:
            continue
        if len(call.chain) + len(event.chain) > MAX_DEPTH + 1:
            interpreter.recursion.cut(Limit.DEPTH)
        else:
            chain = (*outer, replace(last, call=event.chain[0].call), *event.chain[1:])
            yield replace(event, chain=chain, fix=event.fix if event.is_owners else call.fix)


def _runs_through(interpreter: Interpreter, cls: ClassValue, base: ClassValue, call: Finding, frame: Frame) -> bool:
    """Return whether an instance of a class runs the methods of an abstract class that are in a call chain.

    A class that overrides the method from which the abstract one is called does not run it.
    """
    for owner in order_of(interpreter, base, frame):
        prefix = f"{owner.name}."
        for step in call.chain:
            if step.function.startswith(prefix):
                name = step.function[len(prefix) :].partition(".")[0]
                found = find(interpreter, cls, name, frame)
                if found is not None and found[1] != owner:
                    return False
    return True


def _events_of(interpreter: Interpreter, rule: str, frame: Frame) -> tuple[tuple[ClassValue, Finding], ...]:
    """Return the events of the implementations of an abstract method, each once, with their classes."""
    calls, recursion = interpreter.abstract_calls, interpreter.recursion
    known = calls.events.get(rule)
    if known is None:
        call = calls.by_id[rule]
        inner = Frame(Scope(call.cls.module), call.cls.name)
        around, recursion.limits = recursion.limits, frozenset()
        declared = find(interpreter, call.cls, call.name, inner)
        events: list[tuple[ClassValue, Finding]] = []
        for cls in implementers_of(interpreter, call.cls, call.name, inner):
            own = find(interpreter, cls, call.name, inner)
            if own is not None and (
                declared is None or own[1] != declared[1]
            ):  # else it is evaluated where it is called
                events += ((cls, event) for event in _call(interpreter, cls, call, inner))
        known = tuple(events), inner.modules, recursion.limits
        recursion.limits |= around
        if not interpreter.budget.is_spent:
            calls.events[rule] = known
    frame.depend_on(known[1])
    recursion.limits |= known[2]
    return known[0]


def _call(interpreter: Interpreter, cls: ClassValue, call: AbstractCall, frame: Frame) -> Iterable[Finding]:
    """Call the implementation in a class; where it is a generator, its caller is supposed to consume it."""
    apart = Frame(frame.scope, frame.function)
    found = interpreter.attribute(Instance(cls), call.name, _NODE, apart)  # which calls it where it is a property
    for method in each(found):
        if isinstance(method, (AbstractMethod, BoundMethod, Decorated)) and not _is_async(interpreter, method):
            elements_of(interpreter, interpreter.call(method, call.arguments, apart, _NODE), _NODE, apart)
    frame.depend_on(apart.modules)
    return apart.events.values()


def _is_async(interpreter: Interpreter, method: Value) -> bool:
    """Return whether a method is an async function, which is an entry point itself."""
    while isinstance(method, (BoundMethod, Decorated)):
        method = method.function
    node = interpreter.definition(method) if isinstance(method, (Closure, FunctionValue)) else None
    return isinstance(node, ast.AsyncFunctionDef)
