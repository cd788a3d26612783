"""Calls of outside code: which functions they call, and what they return."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.clauses import State
from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.events import block
from ginger_async_safe.lint.domain.scopes import Result
from ginger_async_safe.lint.domain.summaries import SummaryKind
from ginger_async_safe.lint.domain.values import (
    Awaitable,
    BoundMethod,
    Collection,
    External,
    Generator,
    Instance,
    with_fact,
)
from ginger_async_safe.lint.interpreter.summaries import block_by_package, made_by
from ginger_async_safe.lint.knowledge.return_values import instance_named
from ginger_async_safe.lint.knowledge.rule_table import is_class, returned_by
from ginger_async_safe.lint.knowledge.waiting import may_wait
from ginger_async_safe.lint.overlays import builtin_functions, files, loops, objects, sdks, threads
from ginger_async_safe.lint.overlays.threads import map_detached

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.domain.summaries import Summary
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay

__all__ = ["OVERLAYS", "call_external"]


def call_external(interpreter: Interpreter, call: Call) -> Value:
    """Record the events of a call of outside code, and return what it returns."""
    rule = interpreter.rules.of(call.name)
    if rule is not None and not call.is_awaited and may_wait(rule, call):
        block(call.frame, call.node, rule, call.name)
    handler = interpreter.overlay(call.name)
    if handler is not None:
        return handler(interpreter, call)
    summary = interpreter.summary(call.name) if rule is None else None
    return _returned(interpreter, call) if summary is None else _call_summarised(interpreter, call, summary)


def _call_summarised(interpreter: Interpreter, call: Call, summary: Summary) -> Value:
    """Call something of an installed package, whose source was read."""
    if summary.kind is SummaryKind.ALIAS:
        return interpreter.call_external(call._replace(name=summary.name))
    if summary.kind is SummaryKind.VALUE:
        return interpreter.call(made_by(summary), call.arguments, call.frame, call.node, is_awaited=call.is_awaited)
    is_certain = bool(summary.chain) and not any(_may_be_given(call, *flag) for flag in summary.flags)
    if summary.is_lazy and is_certain:
        later = call.frame.detached()
        block_by_package(later, call.node, summary)
        events = tuple(replace(event, chain=()) for event in later.events.values())
        return Generator(Result(UNKNOWN, events), UNKNOWN, name=call.name)
    if is_certain and not summary.is_lazy and not call.is_awaited:
        block_by_package(call.frame, call.node, summary)
    made = made_by(summary)
    return Awaitable(made) if summary.is_async else made


def _may_be_given(call: Call, parameter: str, position: int) -> bool:
    """Return whether a call may give a parameter, in place of its default."""
    arguments = call.arguments
    return not arguments.is_complete or arguments.get(position, parameter) is not None


def _returned(interpreter: Interpreter, call: Call) -> Value:
    when_consumed = interpreter.rules.of_consuming(call.name)
    what = returned_by(call.name)
    if when_consumed is not None:
        inner = call.frame.detached()
        block(inner, call.node, when_consumed, call.name)
        value = instance_named(what or "generator", UNKNOWN if call.receiver is None else call.receiver)
        elements = value.elements if isinstance(value, Collection) else UNKNOWN
        if call.name == "concurrent.futures.as_completed":
            elements = with_fact(Instance(External("concurrent.futures.Future")), State.DONE)
        if call.receiver is not None and isinstance(call.receiver, Instance) and call.name.endswith("Executor.map"):
            elements = map_detached(interpreter, call)
        events = tuple(replace(event, chain=()) for event in inner.events.values())
        return Generator(Result(UNKNOWN, events), elements, name=call.name)
    if what is not None:
        made = instance_named(what, UNKNOWN if call.receiver is None else call.receiver)
        is_of_memory = isinstance(call.receiver, Instance) and State.IN_MEMORY in call.receiver.facts
        return with_fact(made, State.IN_MEMORY) if is_of_memory and isinstance(made, Instance) else made
    result = interpreter.orm.call_external(interpreter, call)
    if result is not None:
        return result
    if call.receiver is None and is_class(call.name):
        return Instance(External(call.name))
    if call.receiver is not None and interpreter.rules.is_part(call.name) and interpreter.rules.of(call.name) is None:
        return BoundMethod(External(call.name), call.receiver)  # client.orders(7).items.list()
    interpreter.counts.unresolved += call.receiver is None and interpreter.rules.of(call.name) is None
    return UNKNOWN


OVERLAYS: dict[str, Overlay] = {
    **threads.OVERLAYS,
    **loops.OVERLAYS,
    **builtin_functions.OVERLAYS,
    **files.OVERLAYS,
    **objects.OVERLAYS,
    **sdks.OVERLAYS,
}
"""What certain calls of outside code do, by their dotted names."""
