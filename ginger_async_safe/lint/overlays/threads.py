"""Calls that run functions in threads: blocking calls there do not block the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.kinds import Decoration
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    Awaitable,
    BoundMethod,
    Decorated,
    External,
    Fact,
    Instance,
    Partial,
    TupleValue,
    with_fact,
)
from ginger_async_safe.lint.interpreter.consuming import elements_of

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS", "map_detached"]


def _call_detached(interpreter: Interpreter, call: Call, function: Value, arguments: Arguments) -> Value:
    """Call a function in a thread, and return what it returns."""
    detached = call.frame.detached()
    result = interpreter.call(function, arguments, detached, call.node)
    call.frame.merge_findings(detached)
    return result


def _to_thread(interpreter: Interpreter, call: Call) -> Value:
    return Awaitable(_call_detached(interpreter, call, call.argument(0, "func"), call.arguments.without(1)))


def _in_executor(interpreter: Interpreter, call: Call) -> Value:
    return Awaitable(
        _call_detached(interpreter, call, call.argument(1, "func"), call.arguments.without(2)), "asyncio.Future"
    )


def _submit(interpreter: Interpreter, call: Call) -> Value:
    result = _call_detached(interpreter, call, call.argument(0), call.arguments.without(1))
    return Instance(External("concurrent.futures.Future"), elements=result)


def map_detached(interpreter: Interpreter, call: Call) -> Value:
    """Call a function as a pool does for each of several values, and return what it returns."""
    detached = call.frame.detached()
    elements = [
        elements_of(interpreter, value, call.expression(index + 1), detached)
        for index, value in enumerate(call.arguments.positional[1:])
    ]
    result = interpreter.call(call.argument(0), Arguments(tuple(elements)), detached, call.node)
    call.frame.merge_findings(detached)
    return result


def _thread(interpreter: Interpreter, call: Call) -> Value:
    given = call.argument(-1, "args")
    arguments = Arguments(given.items) if isinstance(given, TupleValue) else Arguments(is_complete=False)
    _call_detached(interpreter, call, call.argument(1, "target"), arguments)
    return Instance(External(call.name))


def _current_thread(*_: object) -> Value:
    return with_fact(Instance(External("threading.Thread")), Fact.CURRENT)


def _main_thread(*_: object) -> Value:
    return with_fact(Instance(External("threading.Thread")), Fact.MAIN)


def _identifier(*_: object) -> Value:
    """Return the identifier of the thread of the code, as an attribute of the thread."""
    return BoundMethod(External("threading.Thread.ident"), _current_thread())


def _future_result(_: Interpreter, call: Call) -> Value:
    receiver = call.receiver
    return receiver.elements or UNKNOWN if isinstance(receiver, Instance) else UNKNOWN


def _sync_to_async(_: Interpreter, call: Call) -> Value:
    if call.arguments.positional:
        return Decorated(Decoration.IN_THREAD, call.argument(0))
    return Partial(External(call.name), (), call.arguments.named)


OVERLAYS: dict[str, Overlay] = {
    "asyncio.to_thread": _to_thread,
    "asyncio.AbstractEventLoop.run_in_executor": _in_executor,
    "concurrent.futures.ThreadPoolExecutor.submit": _submit,
    "concurrent.futures.ProcessPoolExecutor.submit": _submit,
    "concurrent.futures.Executor.submit": _submit,
    "concurrent.futures.Future.result": _future_result,
    "threading.Thread": _thread,
    "threading.Timer": _thread,
    "threading.current_thread": _current_thread,
    "threading.main_thread": _main_thread,
    **dict.fromkeys(("threading.get_ident", "threading.get_native_id", "_thread.get_ident"), _identifier),
    "asgiref.sync.sync_to_async": _sync_to_async,
    "channels.db.database_sync_to_async": _sync_to_async,
}
"""What certain calls do, by their dotted names."""
