"""Calls that run functions in threads: what blocks there blocks no loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import elements_of
from ginger_async_safe.lint.values import (
    UNKNOWN,
    Awaitable,
    External,
    Instance,
    Partial,
    TupleValue,
    Wrapped,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.outside.call import Call, Handler
    from ginger_async_safe.lint.values import Value


__all__ = ["HANDLERS", "mapped_aside"]


def _aside(machine: Machine, call: Call, function: Value, arguments: Arguments) -> Value:
    """Call a function in a thread, and return what it returns."""
    aside = call.frame.aside()
    result = machine.call(function, arguments, aside, call.node)
    call.frame.take_in(aside)
    return result


def _to_thread(machine: Machine, call: Call) -> Value:
    return Awaitable(_aside(machine, call, call.argument(0, "func"), call.arguments.without(1)))


def _in_executor(machine: Machine, call: Call) -> Value:
    return Awaitable(_aside(machine, call, call.argument(1, "func"), call.arguments.without(2)), "asyncio.Future")


def _submit(machine: Machine, call: Call) -> Value:
    result = _aside(machine, call, call.argument(0), call.arguments.without(1))
    return Instance(External("concurrent.futures.Future"), elements=result)


def mapped_aside(machine: Machine, call: Call) -> Value:
    """Return what a function gives that a pool calls for each of several values."""
    aside = call.frame.aside()
    elements = [
        elements_of(machine, value, call.expression(index + 1), aside)
        for index, value in enumerate(call.arguments.positional[1:])
    ]
    result = machine.call(call.argument(0), Arguments(tuple(elements)), aside, call.node)
    call.frame.take_in(aside)
    return result


def _thread(machine: Machine, call: Call) -> Value:
    given = call.argument(-1, "args")
    arguments = Arguments(given.items) if isinstance(given, TupleValue) else Arguments(is_complete=False)
    _aside(machine, call, call.argument(1, "target"), arguments)
    return Instance(External(call.name))


def _future_result(_: Machine, call: Call) -> Value:
    receiver = call.receiver
    return receiver.elements or UNKNOWN if isinstance(receiver, Instance) else UNKNOWN


def _sync_to_async(_: Machine, call: Call) -> Value:
    if call.arguments.positional:
        return Wrapped("in_thread", call.argument(0))
    return Partial(External(call.name), (), call.arguments.named)


HANDLERS: dict[str, Handler] = {
    "asyncio.to_thread": _to_thread,
    "asyncio.AbstractEventLoop.run_in_executor": _in_executor,
    "concurrent.futures.ThreadPoolExecutor.submit": _submit,
    "concurrent.futures.ProcessPoolExecutor.submit": _submit,
    "concurrent.futures.Executor.submit": _submit,
    "concurrent.futures.Future.result": _future_result,
    "threading.Thread": _thread,
    "threading.Timer": _thread,
    "asgiref.sync.sync_to_async": _sync_to_async,
    "channels.db.database_sync_to_async": _sync_to_async,
}
"""What reads the calls of each name."""
