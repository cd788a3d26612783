"""What calls of code that is not read do: which functions they call, where, and what they return."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.blocking import block, block_as
from ginger_async_safe.lint.decorating import ALLOWING, MARKING, wrapped_by
from ginger_async_safe.lint.frames import Arguments, Frame
from ginger_async_safe.lint.iterating import elements_of, entered, shown, truth
from ginger_async_safe.lint.knowledge import is_class, returned_by
from ginger_async_safe.lint.knowledge.orm import SHORTCUTS, framework_of
from ginger_async_safe.lint.knowledge.returned import instance_named
from ginger_async_safe.lint.models import manager_of
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    Partial,
    QuerySet,
    Super,
    TupleValue,
    Unknown,
    Wrapped,
    each,
    join,
)
from ginger_async_safe.lint.frames import Result
from ginger_async_safe.lint.waiting import may_wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

    Handler: TypeAlias = Callable[["Machine", "Call"], Value]

__all__ = ["Call", "called"]


class Call(NamedTuple):
    """A call of code that is not read.

    Attributes:
        name: The dotted name of what is called.
        receiver: What it is called on, if it is a method.
        arguments: What it is given.
        frame: The function that calls it.
        node: Where.
        is_awaited: Whether the result is awaited at once.
    """

    name: str
    receiver: Value | None
    arguments: Arguments
    frame: Frame
    node: ast.AST
    is_awaited: bool

    def argument(self, position: int, name: str = "") -> Value:
        """Return an argument, or that it is not known."""
        value = self.arguments.get(position, name)
        return UNKNOWN if value is None else value

    def expression(self, position: int) -> ast.expr:
        """Return the expression of an argument, or that of the call."""
        if isinstance(self.node, ast.Call) and position < len(self.node.args):
            return self.node.args[position]
        assert isinstance(self.node, ast.expr)
        return self.node


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
        if call.receiver is not None and isinstance(call.receiver, Instance) and call.name.endswith("Executor.map"):
            elements = _mapped_aside(machine, call)
        events = tuple(replace(event, chain=()) for event in inner.events.values())
        return Generator(Result(UNKNOWN, events), elements, name=call.name)
    if what is not None:
        return instance_named(what, UNKNOWN if call.receiver is None else call.receiver)
    if orm.is_atomic(call.name):
        positional = call.arguments.positional
        if positional and not isinstance(positional[0], (Literal, Unknown)):
            return Wrapped("atomic", positional[0], (call.name,))
        return Instance(External(call.name))
    shortcut = _shortcut(machine, call)
    if shortcut is not None:
        return shortcut
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
    return len(parts) > 3 and parts[1] == "db" and parts[2] in {"connection", "connections"}  # noqa: PLR2004


def _shortcut(machine: Machine, call: Call) -> Value | None:
    framework = framework_of(call.name)
    known = None if framework is None else SHORTCUTS.get(call.name.partition(".")[2])
    if known is None:
        return None
    method, mend = known
    given = call.argument(0)
    if isinstance(given, (ClassValue, External)):
        given = manager_of(machine, given, "objects", call.frame) or UNKNOWN
    instance = orm.instance_of(given) if isinstance(given, QuerySet) else UNKNOWN
    result = Collection("list", instance) if "list" in call.name else instance
    if not method:
        return Awaitable(result)
    block_as(call.frame, call.node, f"orm:{method}", call.name, mend, "it asks the database")
    return result


def _mapped_aside(machine: Machine, call: Call) -> Value:
    """Return what a function gives that a pool calls for each of several values."""
    aside = call.frame.aside()
    elements = [
        elements_of(machine, value, call.expression(index + 1), aside)
        for index, value in enumerate(call.arguments.positional[1:])
    ]
    result = machine.call(call.argument(0), Arguments(tuple(elements)), aside, call.node)
    call.frame.take_in(aside)
    return result


# Where other functions run -------------------------------------------------------------------------------------------


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


def _thread(machine: Machine, call: Call) -> Value:
    given = call.argument(-1, "args")
    arguments = Arguments(given.items) if isinstance(given, TupleValue) else Arguments(is_complete=False)
    _aside(machine, call, call.argument(1, "target"), arguments)
    return Instance(External(call.name))


def _future_result(machine: Machine, call: Call) -> Value:
    receiver = call.receiver
    return receiver.elements or UNKNOWN if isinstance(receiver, Instance) else _returned(machine, call)


def _sync_to_async(machine: Machine, call: Call) -> Value:
    if call.arguments.positional:
        return Wrapped("in_thread", call.argument(0))
    return Partial(External(call.name), (), call.arguments.named)


def _callback(position: int) -> Handler:
    """Return a handler for a call by which a loop is given a function to call, at a position among its arguments."""

    def handler(machine: Machine, call: Call) -> Value:
        _on_loop(machine, call, call.argument(position, "callback"), call.arguments.without(position + 1))
        return UNKNOWN

    return handler


def _done_callback(machine: Machine, call: Call) -> Value:
    _on_loop(machine, call, call.argument(0, "fn"), Arguments((call.receiver or UNKNOWN,)))
    return UNKNOWN


def _factory(machine: Machine, call: Call) -> Value:
    _on_loop(machine, call, call.argument(0, "protocol_factory"), Arguments())
    return Awaitable(UNKNOWN)


def _on_loop(machine: Machine, call: Call, function: Value, arguments: Arguments) -> None:
    """Note what a function does that a loop calls by itself: it is found where it stands."""
    aside = call.frame.aside()
    machine.call(function, arguments, aside, call.node)
    call.frame.take_in(aside)
    for event in aside.events.values():
        inner = event if len(event.chain) == 1 else replace(event, chain=event.chain[1:])
        call.frame.findings.add(inner)


# Awaitables ------------------------------------------------------------------------------------------------------------


def _awaited_of(value: Value) -> Value:
    return join(*(member.result if isinstance(member, Awaitable) else UNKNOWN for member in each(value)))


def _task(machine: Machine, call: Call) -> Value:
    del machine
    return Awaitable(_awaited_of(call.argument(0, "coro")), "asyncio.Task")


def _gather(machine: Machine, call: Call) -> Value:
    del machine
    if not call.arguments.is_complete:
        return Awaitable(Collection("list", join(*map(_awaited_of, call.arguments.positional)) if call.arguments.positional else UNKNOWN))
    return Awaitable(TupleValue(tuple(map(_awaited_of, call.arguments.positional))))


def _same_awaitable(machine: Machine, call: Call) -> Value:
    del machine
    return Awaitable(_awaited_of(call.argument(0)))


def _start_soon(machine: Machine, call: Call) -> Value:
    machine.call(call.argument(0), call.arguments.without(1), call.frame, call.node)
    return UNKNOWN


def _future(machine: Machine, call: Call) -> Value:
    del machine
    return Instance(External("concurrent.futures.Future"), elements=_awaited_of(call.argument(0)))


# Builtins --------------------------------------------------------------------------------------------------------------


def _super(machine: Machine, call: Call) -> Value:
    frame = call.frame
    after = call.argument(0) if call.arguments.positional else frame.owner
    receiver = call.argument(1) if len(call.arguments.positional) > 1 else frame.receiver
    del machine
    return Super(after, receiver) if isinstance(after, ClassValue) and receiver is not None else UNKNOWN


def _getattr(machine: Machine, call: Call) -> Value:
    name = call.argument(1)
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return UNKNOWN
    found = machine.attribute(call.argument(0), name.value, call.node, call.frame)
    return call.argument(2) if isinstance(found, Unknown) else found


def _listed(kind: str) -> Handler:
    def handler(machine: Machine, call: Call) -> Value:
        if not call.arguments.positional:
            return Collection(kind, UNKNOWN)
        value = call.argument(0)
        if isinstance(value, TupleValue):
            return value
        if kind == "dict" and isinstance(value, Collection) and value.values is not None:
            return value
        return Collection(kind, elements_of(machine, value, call.expression(0), call.frame))

    return handler


def _sorted(machine: Machine, call: Call) -> Value:
    elements = elements_of(machine, call.argument(0), call.expression(0), call.frame)
    key = call.arguments.get(-1, "key")
    if key is not None:
        machine.call(key, Arguments((elements,)), call.frame, call.node)
    _compared(machine, call, elements)
    return Collection("list", elements)


def _compared(machine: Machine, call: Call, elements: Value) -> None:
    if call.arguments.get(-1, "key") is None:
        for member in each(elements):
            if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
                machine.call_method(member, "__lt__", Arguments((elements,)), call.frame, call.node)


def _extreme(machine: Machine, call: Call) -> Value:
    if len(call.arguments.positional) > 1:
        return join(*call.arguments.positional)
    elements = elements_of(machine, call.argument(0), call.expression(0), call.frame)
    key = call.arguments.get(-1, "key")
    if key is not None:
        machine.call(key, Arguments((elements,)), call.frame, call.node)
    _compared(machine, call, elements)
    return elements


def _consumed(machine: Machine, call: Call) -> Value:
    elements = elements_of(machine, call.argument(0), call.expression(0), call.frame)
    if call.name in {"any", "all"}:
        truth(machine, elements, call.expression(0), call.frame)
    return UNKNOWN


def _enumerated(machine: Machine, call: Call) -> Value:
    value = call.argument(0)
    number = Instance(External("int"))
    if isinstance(value, Generator):
        return replace(value, elements=TupleValue((number, value.elements)))
    return Collection("enumerate", TupleValue((number, elements_of(machine, value, call.expression(0), call.frame))))


def _zipped(machine: Machine, call: Call) -> Value:
    elements = tuple(
        elements_of(machine, value, call.expression(index), call.frame)
        for index, value in enumerate(call.arguments.positional)
    )
    return Collection("zip", TupleValue(elements))


def _mapped(machine: Machine, call: Call) -> Value:
    """Read ``map`` and ``filter``, which call their function when what they give is consumed."""
    lists = call.arguments.positional[1:]
    elements = [elements_of(machine, value, call.expression(index + 1), call.frame) for index, value in enumerate(lists)]
    inner = call.frame.aside()
    result = machine.call(call.argument(0), Arguments(tuple(elements)), inner, call.node)
    call.frame.take_in(inner)
    given = elements[0] if call.name == "filter" and elements else result
    return Generator(inner.result(UNKNOWN), given, name=call.name)


def _reversed(machine: Machine, call: Call) -> Value:
    return Collection("list", elements_of(machine, call.argument(0), call.expression(0), call.frame))


def _iter(machine: Machine, call: Call) -> Value:
    value = call.argument(0)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        return machine.call_method(value, "__iter__", Arguments(), call.frame, call.node) or UNKNOWN
    if isinstance(value, QuerySet):
        return Collection("iterator", elements_of(machine, value, call.expression(0), call.frame))
    return value


def _next(machine: Machine, call: Call) -> Value:
    value = call.argument(0)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        return machine.call_method(value, "__next__", Arguments(), call.frame, call.node) or UNKNOWN
    if isinstance(value, QuerySet):
        return UNKNOWN
    return elements_of(machine, value, call.expression(0), call.frame)


def _len(machine: Machine, call: Call) -> Value:
    for value in each(call.argument(0)):
        if isinstance(value, QuerySet):
            orm.evaluated(value, "len", call.expression(0), call.frame)
        elif isinstance(value, Instance) and isinstance(value.cls, ClassValue):
            machine.call_method(value, "__len__", Arguments(), call.frame, call.node)
    return Instance(External("int"))


def _bool(machine: Machine, call: Call) -> Value:
    result = truth(machine, call.argument(0), call.expression(0), call.frame) if call.arguments.positional else False
    return UNKNOWN if result is None else Literal(result)


def _text(*methods: str) -> Handler:
    def handler(machine: Machine, call: Call) -> Value:
        for index, value in enumerate(call.arguments.positional):
            shown(machine, value, call.expression(index), call.frame, methods)
        return TEXT

    return handler


def _operator(method: str) -> Handler:
    def handler(machine: Machine, call: Call) -> Value:
        value = call.argument(0)
        if isinstance(value, Instance):
            return machine.call_method(value, method, Arguments(), call.frame, call.node) or UNKNOWN
        return UNKNOWN

    return handler


def _type(machine: Machine, call: Call) -> Value:
    del machine
    value = call.argument(0)
    return value.cls if isinstance(value, Instance) and len(call.arguments.positional) == 1 else UNKNOWN


def _isinstance(machine: Machine, call: Call) -> Value:
    del machine, call
    return UNKNOWN


def _partial(machine: Machine, call: Call) -> Value:
    del machine
    return Partial(call.argument(0), call.arguments.positional[1:], call.arguments.named)


def _wraps(machine: Machine, call: Call) -> Value:
    del machine, call
    return External("<same>")


def _same(machine: Machine, call: Call) -> Value:
    del machine
    return call.argument(0)


def _cached(machine: Machine, call: Call) -> Value:
    del machine
    value = call.argument(0, "user_function")
    return External("<same>") if isinstance(value, (Literal, Unknown)) else value


def _reduced(machine: Machine, call: Call) -> Value:
    elements = elements_of(machine, call.argument(1), call.expression(1), call.frame)
    return machine.call(call.argument(0), Arguments((elements, elements)), call.frame, call.node)


def _chained(machine: Machine, call: Call) -> Value:
    values = [
        elements_of(machine, value, call.expression(index), call.frame)
        for index, value in enumerate(call.arguments.positional)
    ]
    return Collection("iterator", join(*values) if values else UNKNOWN)


def _cast(machine: Machine, call: Call) -> Value:
    if isinstance(call.node, ast.Call) and call.node.args:
        return machine.annotated(call.node.args[0], call.frame)
    return UNKNOWN


def _type_variable(machine: Machine, call: Call) -> Value:
    if not isinstance(call.node, ast.Call):
        return UNKNOWN
    for keyword in call.node.keywords:
        if keyword.arg == "bound":
            return machine.annotated(keyword.value, call.frame)
    constraints = [machine.annotated(each_node, call.frame) for each_node in call.node.args[1:]]
    return join(*constraints) if constraints else UNKNOWN


def _kept(machine: Machine, call: Call) -> Value:
    del machine
    return Instance(External(call.name), elements=call.argument(0))


def _enter_context(machine: Machine, call: Call) -> Value:
    return entered(machine, call.argument(0), call.expression(0), call.frame)


def _opened(machine: Machine, call: Call) -> Value:
    del machine
    mode = call.arguments.get(0 if call.receiver is not None else 1, "mode")
    text = mode.value if isinstance(mode, Literal) else "r"
    return Instance(External("io.BufferedReader" if "b" in str(text) else "io.TextIOWrapper"))


def _socket(machine: Machine, call: Call) -> Value:
    del machine
    return Instance(External("socket.socket"), (("<made>", UNKNOWN),))


def _queue(machine: Machine, call: Call) -> Value:
    del machine
    size = call.arguments.get(0, "maxsize")
    is_bounded = size is not None and not (isinstance(size, Literal) and size.value == 0)
    return Instance(External(call.name), (("maxsize", UNKNOWN),) if is_bounded else ())


def _in_async_context(machine: Machine, call: Call) -> Value:
    del machine, call
    return Literal(True)  # noqa: FBT003 - what blocks is a finding only where a loop waits


def _marked(machine: Machine, call: Call) -> Value:
    if call.arguments.positional and not isinstance(call.argument(0), Literal):
        made = wrapped_by(machine, External(call.name), call.argument(0), call.node, call.frame)
        if not isinstance(made, Unknown):
            return made
    return Partial(External(call.name), call.arguments.positional, call.arguments.named)


def _manager_made(machine: Machine, call: Call) -> Value:
    del machine
    return call.argument(0)


def _manager_class(machine: Machine, call: Call) -> Value:
    """Read ``SomeManager.from_queryset(SomeQuerySet)``, which is a class."""
    del machine
    manager, queryset = call.argument(0), call.argument(1)
    if isinstance(manager, QuerySet) and isinstance(queryset, ClassValue):
        manager = replace(manager, classes=(*manager.classes, queryset))
    return Partial(External("<manager>"), (manager,), ())


def _plain_manager_class(machine: Machine, call: Call) -> Value:
    del machine
    queryset = call.argument(0)
    framework = framework_of(call.name) or ""
    if isinstance(queryset, ClassValue):
        return Partial(External("<manager>"), (QuerySet(framework, UNKNOWN, "manager", classes=(queryset,)),), ())
    return UNKNOWN


def _plain_manager(machine: Machine, call: Call) -> Value:
    del machine
    return QuerySet(framework_of(call.name) or "", UNKNOWN, "manager")


def _user_model(machine: Machine, call: Call) -> Value:
    del machine
    return External(f"{framework_of(call.name)}.contrib.auth.models.User")


def _item_of_collection(machine: Machine, call: Call) -> Value:
    del machine
    receiver = call.receiver
    if isinstance(receiver, Collection):
        return receiver.elements if receiver.values is None else receiver.values
    if isinstance(receiver, TupleValue) and receiver.items:
        return join(*receiver.items)
    return UNKNOWN


def _values_of_collection(machine: Machine, call: Call) -> Value:
    return Collection("list", _item_of_collection(machine, call))


def _pairs_of_collection(machine: Machine, call: Call) -> Value:
    receiver = call.receiver
    keys = receiver.elements if isinstance(receiver, Collection) else UNKNOWN
    return Collection("list", TupleValue((keys, _item_of_collection(machine, call))))


def _same_receiver(machine: Machine, call: Call) -> Value:
    del machine
    return call.receiver or UNKNOWN


def _resumed(machine: Machine, call: Call) -> Value:
    return elements_of(machine, call.receiver or UNKNOWN, call.expression(99), call.frame)


def _future_value(machine: Machine, call: Call) -> Value:
    del machine
    return call.receiver.result if isinstance(call.receiver, Awaitable) else UNKNOWN


def _identity(machine: Machine, call: Call) -> Value:
    del machine
    return call.argument(0)


_LOOP = "asyncio.AbstractEventLoop"
_HANDLERS: dict[str, Handler] = {
    "<same>": _identity,
    "<manager>": _manager_made,
    "<from_queryset>": _manager_class,
    "asyncio.to_thread": _to_thread,
    f"{_LOOP}.run_in_executor": _in_executor,
    "concurrent.futures.ThreadPoolExecutor.submit": _submit,
    "concurrent.futures.ProcessPoolExecutor.submit": _submit,
    "concurrent.futures.Executor.submit": _submit,
    "concurrent.futures.Future.result": _future_result,
    "threading.Thread": _thread,
    "threading.Timer": _thread,
    "asgiref.sync.sync_to_async": _sync_to_async,
    "channels.db.database_sync_to_async": _sync_to_async,
    **{f"{_LOOP}.{name}": _callback(0) for name in ("call_soon", "call_soon_threadsafe")},
    **{f"{_LOOP}.{name}": _callback(1) for name in ("call_later", "call_at", "add_reader", "add_writer", "add_signal_handler")},
    **{
        f"{_LOOP}.{name}": _factory
        for name in (
            "create_connection create_server create_datagram_endpoint create_unix_connection create_unix_server "
            "connect_accepted_socket connect_read_pipe connect_write_pipe subprocess_exec subprocess_shell"
        ).split()
    },
    "asyncio.Future.add_done_callback": _done_callback,
    "asyncio.Task.add_done_callback": _done_callback,
    "asyncio.Future.result": _future_value,
    **dict.fromkeys(
        (
            "asyncio.create_task",
            "asyncio.ensure_future",
            "asyncio.TaskGroup.create_task",
            f"{_LOOP}.create_task",
        ),
        _task,
    ),
    "asyncio.gather": _gather,
    "asyncio.wait_for": _same_awaitable,
    "asyncio.shield": _same_awaitable,
    "asyncio.run_coroutine_threadsafe": _future,
    "anyio.TaskGroup.start_soon": _start_soon,
    "trio.Nursery.start_soon": _start_soon,
    "super": _super,
    "getattr": _getattr,
    **{name: _listed(name) for name in ("list", "tuple", "set", "frozenset", "dict", "collections.deque")},
    "sorted": _sorted,
    "min": _extreme,
    "max": _extreme,
    **dict.fromkeys(("sum", "any", "all", "collections.Counter", "math.fsum", "statistics.mean"), _consumed),
    "enumerate": _enumerated,
    "zip": _zipped,
    "map": _mapped,
    "filter": _mapped,
    "reversed": _reversed,
    "iter": _iter,
    "next": _next,
    "len": _len,
    "bool": _bool,
    "str": _text("__str__", "__repr__"),
    "repr": _text("__repr__"),
    "print": _text("__str__", "__repr__"),
    "format": _text("__format__", "__str__", "__repr__"),
    "str.format": _text("__format__", "__str__", "__repr__"),
    "hash": _operator("__hash__"),
    "abs": _operator("__abs__"),
    "int": _operator("__int__"),
    "float": _operator("__float__"),
    "type": _type,
    "isinstance": _isinstance,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.wraps": _wraps,
    "functools.update_wrapper": _same,
    "functools.lru_cache": _cached,
    "functools.cache": _cached,
    "functools.reduce": _reduced,
    "functools.total_ordering": _same,
    "dataclasses.dataclass": _cached,
    "itertools.chain": _chained,
    "itertools.islice": _chained,
    "typing.cast": _cast,
    "typing.TypeVar": _type_variable,
    "contextlib.closing": _kept,
    "contextlib.nullcontext": _kept,
    "contextlib.ExitStack.enter_context": _enter_context,
    "contextlib.AsyncExitStack.enter_context": _enter_context,
    **dict.fromkeys(("open", "pathlib.Path.open", "os.fdopen", "gzip.open"), _opened),
    "socket.socket": _socket,
    **dict.fromkeys(("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "multiprocessing.Queue"), _queue),
    "ginger_async_safe.in_async_context": _in_async_context,
    "ginger_async_safe.detect.in_async_context": _in_async_context,
    **dict.fromkeys((*MARKING, *ALLOWING, "staticmethod", "classmethod", "property"), _marked),
    **{
        f"{framework}.{name}": handler
        for framework in ("django", "gingerdj")
        for name, handler in (
            ("db.models.Manager.from_queryset", _plain_manager_class),
            ("db.models.manager.Manager.from_queryset", _plain_manager_class),
            ("db.models.manager.BaseManager.from_queryset", _plain_manager_class),
            ("db.models.Manager", _plain_manager),
            ("db.models.manager.Manager", _plain_manager),
            ("contrib.auth.get_user_model", _user_model),
        )
    },
    **{f"<{kind}>.{name}": _item_of_collection for kind in ("Collection", "TupleValue") for name in ("get", "pop", "popleft", "setdefault")},
    **{f"<{kind}>.values": _values_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.items": _pairs_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.{name}": _same_receiver for kind in ("Collection", "TupleValue") for name in ("copy", "union")},
    "<Generator>.send": _resumed,
    "<Generator>.__next__": _resumed,
}
