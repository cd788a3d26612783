"""Calls that create, wrap or return objects."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.clauses import State
from ginger_async_safe.blocking.immediate import cases_of
from ginger_async_safe.blocking.in_memory import database_is_on_disk
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    TEXT,
    Awaitable,
    ClassValue,
    Collection,
    Constant,
    External,
    Fact,
    Instance,
    Partial,
    QuerySet,
    Super,
    TupleValue,
    TypeForm,
    with_fact,
)
from ginger_async_safe.lint.interpreter.consuming import enter, keyed_item
from ginger_async_safe.lint.interpreter.decorators import CALLED, apply_decorator
from ginger_async_safe.lint.interpreter.names import imported
from ginger_async_safe.lint.knowledge.known import ALLOWING, MARKING, PROVIDING
from ginger_async_safe.lint.knowledge.orm import is_method_of_queryset
from ginger_async_safe.lint.knowledge.return_types import RETURN_TYPES
from ginger_async_safe.lint.knowledge.waiting import is_immediate

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS"]


_OF_MEMORY = (External("io.BytesIO"), External("io.StringIO"))


def _field(_: Interpreter, call: Call) -> Value:
    """Call ``dataclasses.field``, whose default factory is called when an instance is made."""
    factory = call.arguments.get(-1, "default_factory") or call.arguments.get(-1, "factory")
    if factory is not None:
        return Partial(External("<factory>"), (factory,), ())
    default = call.argument(-1 if call.name == "dataclasses.field" else 0, "default")
    return UNKNOWN if default == Constant(Ellipsis) else default


def _factory(_: Interpreter, call: Call) -> Value:
    """Call ``attrs.Factory``, which is the default of a field."""
    return Partial(External("<factory>"), (call.argument(0, "factory"),), ())


def _methodcaller(_: Interpreter, call: Call) -> Value:
    return Partial(External("<methodcaller>"), call.arguments.positional, call.arguments.named)


def _call_method(interpreter: Interpreter, call: Call) -> Value:
    """Call the result of ``operator.methodcaller``; the object comes after its arguments."""
    *given, owner = call.arguments.positional
    if not given or not isinstance(given[0], Constant):
        return UNKNOWN
    method = interpreter.attribute(owner, str(given[0].value), call.node, call.frame)
    return interpreter.call(method, Arguments(tuple(given[1:]), call.arguments.named), call.frame, call.node)


def _defaultdict(interpreter: Interpreter, call: Call) -> Value:
    factory = call.argument(0)
    values = (
        UNKNOWN
        if isinstance(factory, Unknown)
        else interpreter.call(factory, Arguments(), call.frame.detached(), call.node)
    )
    return Collection("dict", TEXT, values)


def _connected(_: Interpreter, call: Call) -> Value:
    factory = call.arguments.get(5, "factory")
    made = Instance(factory if isinstance(factory, ClassValue) else External("sqlite3.Connection"))
    is_in_memory = is_immediate(cases_of(database_is_on_disk), call)
    return with_fact(made, State.IN_MEMORY if is_in_memory else State.ON_DISK)


def _wrapped_file(_: Interpreter, call: Call) -> Value:
    inner = call.argument(0)
    if isinstance(inner, Instance) and inner.cls in _OF_MEMORY:
        return inner
    return Instance(External(call.name))


def _import_module(interpreter: Interpreter, call: Call) -> Value:
    name = call.argument(0)
    if isinstance(name, Constant) and isinstance(name.value, str) and not name.value.startswith("."):
        return imported(interpreter, name.value, call.frame)
    return UNKNOWN


def _hasattr(interpreter: Interpreter, call: Call) -> Value:
    _getattr(interpreter, call)
    name = call.argument(1)
    has_it = isinstance(name, Constant) and is_method_of_queryset(str(name.value))
    has_it = has_it and all(isinstance(member, QuerySet) for member in each(call.argument(0)))
    return Constant(True) if has_it else UNKNOWN


def _super(_: Interpreter, call: Call) -> Value:
    frame = call.frame
    after = call.argument(0) if call.arguments.positional else frame.owner
    receiver = call.argument(1) if len(call.arguments.positional) > 1 else frame.receiver
    return Super(after, receiver) if isinstance(after, ClassValue) and receiver is not None else UNKNOWN


def _getattr(interpreter: Interpreter, call: Call) -> Value:
    found = join_known([_by_name(interpreter, call, name) for name in each(call.argument(1))])
    if not isinstance(found, Unknown):
        return found
    default = call.argument(2)
    may_be_found = interpreter.follows_certainty or all(isinstance(member, Constant) for member in each(default))
    return join(default, UNKNOWN) if may_be_found else default


def _by_name(interpreter: Interpreter, call: Call, name: Value) -> Value:
    if not isinstance(name, Constant) or not isinstance(name.value, str):
        return UNKNOWN
    return interpreter.attribute(call.argument(0), name.value, call.node, call.frame)


def _type(_: Interpreter, call: Call) -> Value:
    value = call.argument(0)
    return value.cls if isinstance(value, Instance) and len(call.arguments.positional) == 1 else UNKNOWN


def _partial(_: Interpreter, call: Call) -> Value:
    return Partial(call.argument(0), call.arguments.positional[1:], call.arguments.named)


def _wraps(*_: object) -> Value:
    return External("<same>")


def _same(_: Interpreter, call: Call) -> Value:
    return call.argument(0)


def _cached(_: Interpreter, call: Call) -> Value:
    value = call.argument(0, "user_function")
    return External("<same>") if isinstance(value, (Constant, Unknown)) else value


def _cast(interpreter: Interpreter, call: Call) -> Value:
    given = call.argument(1)
    if isinstance(given, Instance) and given.cls in _OF_MEMORY:
        return given
    if isinstance(call.node, ast.Call) and call.node.args:
        return interpreter.evaluate_annotation(call.node.args[0], call.frame)
    return UNKNOWN


def _type_variable(interpreter: Interpreter, call: Call) -> Value:
    if not isinstance(call.node, ast.Call):
        return UNKNOWN
    name = call.argument(0)
    return TypeForm(
        _bound_of(interpreter, call, call.node), variable=str(name.value) if isinstance(name, Constant) else "?"
    )


def _bound_of(interpreter: Interpreter, call: Call, node: ast.Call) -> Value:
    for keyword in node.keywords:
        if keyword.arg == "bound":
            return interpreter.evaluate_annotation(keyword.value, call.frame)
    constraints = [interpreter.evaluate_annotation(each_node, call.frame) for each_node in node.args[1:]]
    return join(*constraints) if constraints else UNKNOWN


def _type_alias(interpreter: Interpreter, call: Call) -> Value:
    """Call ``TypeAliasType("Name", value)``."""
    if isinstance(call.node, ast.Call) and len(call.node.args) > 1:
        return TypeForm(interpreter.evaluate_annotation(call.node.args[1], call.frame))
    return UNKNOWN


def _new_type(interpreter: Interpreter, call: Call) -> Value:
    """Call ``NewType("Name", Base)``, whose result returns its argument."""
    alias = _type_alias(interpreter, call)
    return replace(alias, origin=External("<same>")) if isinstance(alias, TypeForm) else UNKNOWN


def _application_key(interpreter: Interpreter, call: Call) -> Value:
    """Call ``aiohttp.web.AppKey``, which says what is kept under it."""
    alias = _type_alias(interpreter, call)
    return Instance(External(call.name), elements=alias.stands_for if isinstance(alias, TypeForm) else UNKNOWN)


def _provided(_: Interpreter, call: Call) -> Value:
    """Call what asks a framework for a value, such as ``Depends(function)``."""
    return Instance(External(call.name), elements=call.argument(0, "dependency"))


def _kept(_: Interpreter, call: Call) -> Value:
    return Instance(External(call.name), elements=call.argument(0))


def _enter_context(interpreter: Interpreter, call: Call) -> Value:
    return enter(interpreter, call.argument(0), call.expression(0), call.frame)


def _left_by_calling(interpreter: Interpreter, call: Call) -> Value:
    """Add a callback to a stack, which calls it at the end of the block."""
    interpreter.call(call.argument(0, "callback"), call.arguments.without(1), call.frame, call.node)
    return call.argument(0, "callback")


def _left(interpreter: Interpreter, call: Call) -> Value:
    """Add to a stack what is exited at the end of the block: an object, or a function of an exception."""
    given = call.argument(0, "exit")
    no_error = Arguments((NOTHING, NOTHING, NOTHING))
    for member in each(given):
        if isinstance(member, Instance):
            interpreter.call_method(member, "__exit__", no_error, call.frame, call.node)
        elif not isinstance(member, Unknown):
            interpreter.call(member, no_error, call.frame, call.node)
    return given


def _opened(_: Interpreter, call: Call) -> Value:
    mode = call.arguments.get(0 if call.receiver is not None else 1, "mode")
    text = str(mode.value) if isinstance(mode, Constant) else "r"
    made = Instance(External("io.BufferedReader" if "b" in text else "io.TextIOWrapper"))
    return with_fact(made, Fact.WRITTEN, holds=bool(set(text) & set("wax+")))


def _socket(_: Interpreter, call: Call) -> Value:
    family, kind = call.arguments.get(0, "family"), call.arguments.get(1, "type")
    facts = {
        State.CONNECTIONLESS: kind in (External("socket.SOCK_DGRAM"), External("socket.SOCK_RAW")),
        State.NAMELESS: family == External("socket.AF_UNIX"),
        State.NON_BLOCKING: kind == External("socket.SOCK_NONBLOCK"),
    }
    return Instance(External("socket.socket"), facts=frozenset(fact for fact, holds in facts.items() if holds))


def _opened_descriptor(_: Interpreter, call: Call) -> Value:
    holds = call.arguments.get(1, "flags") != External("os.O_NONBLOCK")
    return with_fact(Instance(External("os.open()")), State.BLOCKING, holds=holds)


def _queue(_: Interpreter, call: Call) -> Value:
    size = call.arguments.get(0, "maxsize")
    is_bounded = size is not None and not (isinstance(size, Constant) and size.value == 0)
    return with_fact(Instance(External(RETURN_TYPES.get(call.name, call.name))), State.BOUNDED, holds=is_bounded)


def _taken(_: Interpreter, call: Call) -> Value:
    """Take an item out of a queue."""
    return call.receiver.elements or UNKNOWN if isinstance(call.receiver, Instance) else UNKNOWN


def _taken_later(interpreter: Interpreter, call: Call) -> Value:
    return Awaitable(_taken(interpreter, call))


def _marked(interpreter: Interpreter, call: Call) -> Value:
    if call.arguments.positional and not isinstance(call.argument(0), Constant):
        made = apply_decorator(interpreter, External(call.name), call.argument(0), call.node, call.frame)
        if not isinstance(made, Unknown):
            return made
    return Partial(External(call.name), call.arguments.positional, call.arguments.named)


def _decorated(interpreter: Interpreter, call: Call) -> Value:
    """Call a decorator by its name, as in ``connect = contextmanager(connect)``."""
    return apply_decorator(interpreter, External(call.name), call.argument(0), call.node, call.frame)


def _item_of_collection(_: Interpreter, call: Call) -> Value:
    receiver = call.receiver
    if isinstance(receiver, Collection):
        return keyed_item(receiver, call.argument(0))
    if isinstance(receiver, TupleValue) and receiver.items:
        return join(*receiver.items)
    return UNKNOWN


def _item_or_none(interpreter: Interpreter, call: Call) -> Value:
    """Return an item of a dictionary, or ``None`` where it may have none; the value that is given for that case is not read."""
    item = _item_of_collection(interpreter, call)
    has_default = call.arguments.get(1, "default") is not None or not call.arguments.is_complete
    is_there = isinstance(call.receiver, Collection) and call.argument(0) in dict(call.receiver.keyed)
    return item if has_default or is_there or isinstance(item, Unknown) else join(item, NOTHING)


def _values_of_collection(interpreter: Interpreter, call: Call) -> Value:
    return Collection("list", _item_of_collection(interpreter, call))


def _pairs_of_collection(interpreter: Interpreter, call: Call) -> Value:
    receiver = call.receiver
    keys = receiver.elements if isinstance(receiver, Collection) else UNKNOWN
    return Collection("list", TupleValue((keys, _item_of_collection(interpreter, call))))


def _same_receiver(_: Interpreter, call: Call) -> Value:
    return call.receiver or UNKNOWN


OVERLAYS: dict[str, Overlay] = {
    "<same>": _same,
    "super": _super,
    "sqlite3.connect": _connected,
    **dict.fromkeys(("io.TextIOWrapper", "io.BufferedReader", "io.BufferedRandom"), _wrapped_file),
    "importlib.import_module": _import_module,
    "hasattr": _hasattr,
    "dataclasses.replace": _same,
    "copy.copy": _same,
    "dataclasses.field": _field,
    **dict.fromkeys(("attr.ib", "attrs.field", "msgspec.field", "pydantic.Field", "pydantic.PrivateAttr"), _field),
    "attrs.Factory": _factory,
    "operator.methodcaller": _methodcaller,
    "<methodcaller>": _call_method,
    "collections.defaultdict": _defaultdict,
    "getattr": _getattr,
    "type": _type,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.wraps": _wraps,
    "functools.update_wrapper": _same,
    "functools.lru_cache": _cached,
    "functools.cache": _cached,
    "functools.total_ordering": _same,
    "dataclasses.dataclass": _cached,
    "typing.cast": _cast,
    "typing.TypeVar": _type_variable,
    "typing.TypeAliasType": _type_alias,
    "typing.NewType": _new_type,
    "aiohttp.web.AppKey": _application_key,
    **dict.fromkeys(PROVIDING, _provided),
    "contextlib.closing": _kept,
    "contextlib.nullcontext": _kept,
    "contextlib.ExitStack.enter_context": _enter_context,
    "contextlib.AsyncExitStack.enter_context": _enter_context,
    **dict.fromkeys(("contextlib.ExitStack.callback", "contextlib.AsyncExitStack.callback"), _left_by_calling),
    **dict.fromkeys(("contextlib.ExitStack.push", "contextlib.AsyncExitStack.push"), _left),
    **dict.fromkeys(("open", "pathlib.Path.open", "os.fdopen", "gzip.open"), _opened),
    "os.open": _opened_descriptor,
    "socket.socket": _socket,
    **dict.fromkeys(("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "multiprocessing.Queue"), _queue),
    "concurrent.interpreters.create_queue": _queue,
    **dict.fromkeys((*MARKING, *ALLOWING), _marked),
    **dict.fromkeys(CALLED, _decorated),
    **{f"asyncio.{name}.get": _taken_later for name in ("Queue", "LifoQueue", "PriorityQueue")},
    **{f"asyncio.{name}.get_nowait": _taken for name in ("Queue", "LifoQueue", "PriorityQueue")},
    **{f"queue.{name}.{method}": _taken for name in ("Queue", "SimpleQueue") for method in ("get", "get_nowait")},
    **{
        f"<{kind}>.{name}": _item_of_collection
        for kind in ("Collection", "TupleValue")
        for name in ("pop", "popleft", "setdefault")
    },
    **{f"<{kind}>.get": _item_or_none for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.values": _values_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.items": _pairs_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.{name}": _same_receiver for kind in ("Collection", "TupleValue") for name in ("copy", "union")},
}
"""What certain calls do, by their dotted names."""
