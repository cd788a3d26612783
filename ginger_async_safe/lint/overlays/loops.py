"""Calls that make the event loop run something: callbacks, protocols, tasks."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.events import called_by_loop
from ginger_async_safe.lint.domain.kinds import Decoration
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    Collection,
    Constant,
    Decorated,
    External,
    Fact,
    FunctionValue,
    Instance,
    Partial,
    TupleValue,
    with_fact,
)
from ginger_async_safe.lint.interpreter.attributes import method_of_instance
from ginger_async_safe.lint.interpreter.consuming import elements_of
from ginger_async_safe.lint.interpreter.narrowing import done
from ginger_async_safe.lint.knowledge.known import DETECTING
from ginger_async_safe.lint.source.hooks import OF_PROTOCOLS

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS"]

_LOOP = "asyncio.AbstractEventLoop"
_IOLOOP = "tornado.ioloop.IOLoop"
_TEXTUAL = "textual.message_pump.MessagePump"


def _callback(position: int) -> Overlay:
    """Return an overlay for a call that schedules a callback, which is at a position among its arguments."""

    def handler(interpreter: Interpreter, call: Call) -> Value:
        _on_loop(interpreter, call, call.argument(position, "callback"), call.arguments.without(position + 1))
        return UNKNOWN

    return handler


def _done_callback(interpreter: Interpreter, call: Call) -> Value:
    _on_loop(interpreter, call, call.argument(0, "fn"), Arguments((call.receiver or UNKNOWN,)))
    return UNKNOWN


def _factory(interpreter: Interpreter, call: Call) -> Value:
    made = _on_loop(interpreter, call, call.argument(0, "protocol_factory"), Arguments())
    for protocol in each(made):
        if isinstance(protocol, Instance) and isinstance(protocol.cls, ClassValue):
            for name in sorted(OF_PROTOCOLS):
                method = method_of_instance(interpreter, protocol, name, call.frame)
                if isinstance(method, BoundMethod) and not isinstance(method.function, External):
                    _on_loop(interpreter, call, method, Arguments(is_complete=False))
    return Awaitable(UNKNOWN)


def _on_loop(interpreter: Interpreter, call: Call, function: Value, arguments: Arguments) -> Value:
    """Call a function as the event loop does; its blocking calls are findings in the function itself."""
    detached = call.frame.detached()
    result = interpreter.call(function, arguments, detached, call.node)
    call.frame.merge_findings(detached)
    for event in detached.events.values():
        chain = event.chain[1:] or event.chain
        call.frame.findings.add(called_by_loop(replace(event, chain=chain)))
    return result


def _awaited_of(value: Value) -> Value:
    return join(*(member.result if isinstance(member, Awaitable) else UNKNOWN for member in each(value)))


def _task(_: Interpreter, call: Call) -> Value:
    return Awaitable(_awaited_of(call.argument(0, "coro")), "asyncio.Task")


def _gather(_: Interpreter, call: Call) -> Value:
    if not call.arguments.is_complete:
        return Awaitable(Collection("list", join_known(map(_awaited_of, call.arguments.positional))))
    return Awaitable(TupleValue(tuple(map(_awaited_of, call.arguments.positional))))


def _same_awaitable(_: Interpreter, call: Call) -> Value:
    return Awaitable(_awaited_of(call.argument(0)))


def _start_soon(interpreter: Interpreter, call: Call) -> Value:
    interpreter.call(call.argument(0), call.arguments.without(1), call.frame, call.node)
    return UNKNOWN


def _future(_: Interpreter, call: Call) -> Value:
    return Instance(External("concurrent.futures.Future"), elements=_awaited_of(call.argument(0)))


def _future_value(_: Interpreter, call: Call) -> Value:
    return call.receiver.result if isinstance(call.receiver, Awaitable) else UNKNOWN


def _is_coroutine_function(interpreter: Interpreter, call: Call) -> Value:
    answers: set[bool | None] = set()
    for member in each(call.argument(0, "func")):
        function = member
        while isinstance(function, (BoundMethod, Partial)):
            function = function.function  # type: ignore[assignment]
        if isinstance(function, Decorated):
            answers.add(function.kind is Decoration.IN_THREAD or None)
        elif isinstance(function, (FunctionValue, Closure)):
            answers.add(isinstance(interpreter.definition(function), ast.AsyncFunctionDef))
        else:
            answers.add(None)
    answer = answers.pop() if len(answers) == 1 else None
    return UNKNOWN if answer is None else Constant(answer)


def _running_loop(*_: object) -> Value:
    return with_fact(Instance(External(_LOOP)), Fact.CURRENT)


def _is_running(_: Interpreter, call: Call) -> Value:
    is_current = isinstance(call.receiver, Instance) and Fact.CURRENT in call.receiver.facts
    return Constant(True) if is_current else UNKNOWN


def _waited(interpreter: Interpreter, call: Call) -> Value:
    """Call ``wait`` of asyncio or ``concurrent.futures``, which returns the futures that are done, and the others."""
    elements = elements_of(interpreter, call.argument(0, "fs"), call.expression(0), call.frame.detached())
    if isinstance(elements, Unknown):
        is_asyncios = call.name == "asyncio.wait"
        elements = (
            Awaitable(UNKNOWN, "asyncio.Future") if is_asyncios else Instance(External("concurrent.futures.Future"))
        )
    sets = TupleValue((Collection("set", done(elements)), Collection("set", elements)))
    return Awaitable(sets) if call.name == "asyncio.wait" else sets


def _wrapped_future(_: Interpreter, call: Call) -> Value:
    future = call.argument(0, "future")
    return Awaitable(future.elements or UNKNOWN if isinstance(future, Instance) else UNKNOWN, "asyncio.Future")


def _in_async_context(*_: object) -> Value:
    return Constant(True)


OVERLAYS: dict[str, Overlay] = {
    **{f"{_LOOP}.{name}": _callback(0) for name in ("call_soon", "call_soon_threadsafe")},
    **{
        f"{_LOOP}.{name}": _callback(1)
        for name in ("call_later", "call_at", "add_reader", "add_writer", "add_signal_handler")
    },
    **{
        f"{_LOOP}.{name}": _factory
        for name in (
            "connect_accepted_socket",
            "connect_read_pipe",
            "connect_write_pipe",
            "create_connection",
            "create_datagram_endpoint",
            "create_server",
            "create_unix_connection",
            "create_unix_server",
            "subprocess_exec",
            "subprocess_shell",
        )
    },
    **{
        f"{_IOLOOP}.{name}": _callback(position)
        for name, position in {
            "add_callback": 0,
            "add_callback_from_signal": 0,
            "add_future": 1,
            "add_timeout": 1,
            "call_at": 1,
            "call_later": 1,
            "spawn_callback": 0,
        }.items()
    },
    "tornado.ioloop.PeriodicCallback": _callback(0),
    **{
        f"{_TEXTUAL}.{name}": _callback(position)
        for name, position in {
            "call_after_refresh": 0,
            "call_later": 0,
            "call_next": 0,
            "set_interval": 1,
            "set_timer": 1,
        }.items()
    },
    "slixmpp.xmlstream.xmlstream.XMLStream.add_event_handler": _callback(1),
    "asyncio.Future.add_done_callback": _done_callback,
    "asyncio.Task.add_done_callback": _done_callback,
    "asyncio.Future.result": _future_value,
    "asyncio.create_task": _task,
    "asyncio.ensure_future": _task,
    "asyncio.TaskGroup.create_task": _task,
    f"{_LOOP}.create_task": _task,
    "asyncio.gather": _gather,
    "asyncio.wait_for": _same_awaitable,
    "asyncio.shield": _same_awaitable,
    "asyncio.run_coroutine_threadsafe": _future,
    **dict.fromkeys(("asyncio.get_running_loop", "asyncio.get_event_loop", "asyncio._get_running_loop"), _running_loop),
    f"{_LOOP}.is_running": _is_running,
    "asyncio.wait": _waited,
    "concurrent.futures.wait": _waited,
    "asyncio.wrap_future": _wrapped_future,
    "anyio.TaskGroup.start_soon": _start_soon,
    "trio.Nursery.start_soon": _start_soon,
    **dict.fromkeys(
        (
            "asgiref.sync.iscoroutinefunction",
            "asyncio.iscoroutinefunction",
            "inspect.iscoroutinefunction",
        ),
        _is_coroutine_function,
    ),
    **dict.fromkeys(DETECTING, _in_async_context),
}
"""What certain calls do, by their dotted names."""
