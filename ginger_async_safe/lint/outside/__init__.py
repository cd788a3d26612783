"""What calls of code that is not read do: which functions they call, where, and what they return."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.blocking import block
from ginger_async_safe.lint.frames import Result
from ginger_async_safe.lint.knowledge import is_class, returned_by
from ginger_async_safe.lint.knowledge.orm import framework_of
from ginger_async_safe.lint.knowledge.returned import instance_named
from ginger_async_safe.lint.outside import consuming, loops, managers, objects, threads
from ginger_async_safe.lint.outside.managers import shortcut
from ginger_async_safe.lint.outside.threads import mapped_aside
from ginger_async_safe.lint.values import UNKNOWN, Collection, External, Generator, Instance, Literal, Unknown, Wrapped
from ginger_async_safe.lint.waiting import may_wait

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.outside.call import Call, Handler
    from ginger_async_safe.lint.values import Value

__all__ = ["called"]


def called(machine: Machine, call: Call) -> Value:
    """Note what a call does, and return what it returns."""
    rule = machine.rules.of(call.name)
    if rule is not None and not call.is_awaited and may_wait(rule.id, call.arguments, call.receiver):
        block(call.frame, call.node, rule)
    handler = _HANDLERS.get(call.name)
    if handler is not None:
        return handler(machine, call)
    return _returned(machine, call)


def _returned(machine: Machine, call: Call) -> Value:
    when_consumed = machine.rules.of_consuming(call.name)
    what = returned_by(call.name)
    if when_consumed is not None:
        inner = call.frame.aside()
        block(inner, call.node, when_consumed)
        value = instance_named(what or "generator", UNKNOWN if call.receiver is None else call.receiver)
        elements = value.elements if isinstance(value, Collection) else UNKNOWN
        if call.name == "concurrent.futures.as_completed":
            elements = Instance(External("concurrent.futures.Future"), (("<done>", UNKNOWN),))
        if call.receiver is not None and isinstance(call.receiver, Instance) and call.name.endswith("Executor.map"):
            elements = mapped_aside(machine, call)
        events = tuple(replace(event, chain=()) for event in inner.events.values())
        return Generator(Result(UNKNOWN, events), elements, name=call.name)
    if what is not None:
        return instance_named(what, UNKNOWN if call.receiver is None else call.receiver)
    if orm.is_atomic(call.name):
        positional = call.arguments.positional
        if positional and not isinstance(positional[0], (Literal, Unknown)):
            return Wrapped("atomic", positional[0], (call.name,))
        return Instance(External(call.name))
    given = shortcut(machine, call)
    if given is not None:
        return given
    framework = framework_of(call.name)
    if framework is not None and _is_of_connection(call.name) and isinstance(call.node, ast.Call):
        result = orm.called_on_connection(call.name, call.node, call.frame, framework)
        if result is not None:
            return result
    if call.receiver is None and is_class(call.name):
        return Instance(External(call.name))
    machine.unresolved += call.receiver is None and machine.rules.of(call.name) is None
    return UNKNOWN


def _is_of_connection(name: str) -> bool:
    parts = name.split(".")
    return len(parts) > 3 and parts[1] == "db" and parts[2] in {"backends", "connection", "connections"}  # noqa: PLR2004


_HANDLERS: dict[str, Handler] = {
    **threads.HANDLERS,
    **loops.HANDLERS,
    **consuming.HANDLERS,
    **objects.HANDLERS,
    **managers.HANDLERS,
}
