"""Calls that make, wrap or hand out objects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.decorating import wrapped_by
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import entered, keyed_item
from ginger_async_safe.lint.knowledge.known import ALLOWING, MARKING
from ginger_async_safe.lint.names import imported
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    ClassValue,
    Collection,
    External,
    Instance,
    Literal,
    Partial,
    Super,
    TupleValue,
    Unknown,
    join,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.outside.call import Call, Handler
    from ginger_async_safe.lint.values import Value


__all__ = ["HANDLERS"]


def _field(_: Machine, call: Call) -> Value:
    """Read a field of a dataclass, whose default may be made when an instance is."""
    factory = call.arguments.get(-1, "default_factory")
    return call.argument(-1, "default") if factory is None else Partial(External("<factory>"), (factory,), ())


def _methodcaller(_: Machine, call: Call) -> Value:
    return Partial(External("<methodcaller>"), call.arguments.positional, call.arguments.named)


def _call_method(machine: Machine, call: Call) -> Value:
    """Read a call of what ``operator.methodcaller`` gave; the object comes after its arguments."""
    *given, owner = call.arguments.positional
    if not given or not isinstance(given[0], Literal):
        return UNKNOWN
    method = machine.attribute(owner, str(given[0].value), call.node, call.frame)
    return machine.call(method, Arguments(tuple(given[1:]), call.arguments.named), call.frame, call.node)


def _defaultdict(machine: Machine, call: Call) -> Value:
    factory = call.argument(0)
    values = (
        UNKNOWN if isinstance(factory, Unknown) else machine.call(factory, Arguments(), call.frame.aside(), call.node)
    )
    return Collection("dict", TEXT, values)


def _connected(_: Machine, call: Call) -> Value:
    factory = call.arguments.get(5, "factory")
    return Instance(factory if isinstance(factory, ClassValue) else External("sqlite3.Connection"))


def _wrapped_file(_: Machine, call: Call) -> Value:
    inner = call.argument(0)
    if isinstance(inner, Instance) and inner.cls in {External("io.BytesIO"), External("io.StringIO")}:
        return inner
    return Instance(External(call.name))


def _import_module(machine: Machine, call: Call) -> Value:
    name = call.argument(0)
    if isinstance(name, Literal) and isinstance(name.value, str) and not name.value.startswith("."):
        return imported(machine, name.value, call.frame)
    return UNKNOWN


def _hasattr(machine: Machine, call: Call) -> Value:
    _getattr(machine, call)
    return UNKNOWN


def _super(_: Machine, call: Call) -> Value:
    frame = call.frame
    after = call.argument(0) if call.arguments.positional else frame.owner
    receiver = call.argument(1) if len(call.arguments.positional) > 1 else frame.receiver
    return Super(after, receiver) if isinstance(after, ClassValue) and receiver is not None else UNKNOWN


def _getattr(machine: Machine, call: Call) -> Value:
    name = call.argument(1)
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return UNKNOWN
    found = machine.attribute(call.argument(0), name.value, call.node, call.frame)
    return call.argument(2) if isinstance(found, Unknown) else found


def _type(_: Machine, call: Call) -> Value:
    value = call.argument(0)
    return value.cls if isinstance(value, Instance) and len(call.arguments.positional) == 1 else UNKNOWN


def _partial(_: Machine, call: Call) -> Value:
    return Partial(call.argument(0), call.arguments.positional[1:], call.arguments.named)


def _wraps(*_: object) -> Value:
    return External("<same>")


def _same(_: Machine, call: Call) -> Value:
    return call.argument(0)


def _cached(_: Machine, call: Call) -> Value:
    value = call.argument(0, "user_function")
    return External("<same>") if isinstance(value, (Literal, Unknown)) else value


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


def _kept(_: Machine, call: Call) -> Value:
    return Instance(External(call.name), elements=call.argument(0))


def _enter_context(machine: Machine, call: Call) -> Value:
    return entered(machine, call.argument(0), call.expression(0), call.frame)


def _opened(_: Machine, call: Call) -> Value:
    mode = call.arguments.get(0 if call.receiver is not None else 1, "mode")
    text = str(mode.value) if isinstance(mode, Literal) else "r"
    told = (("<written>", UNKNOWN),) if set(text) & set("wax+") else ()
    return Instance(External("io.BufferedReader" if "b" in text else "io.TextIOWrapper"), told)


def _socket(*_: object) -> Value:
    return Instance(External("socket.socket"), (("<made>", UNKNOWN),))


def _queue(_: Machine, call: Call) -> Value:
    size = call.arguments.get(0, "maxsize")
    is_bounded = size is not None and not (isinstance(size, Literal) and size.value == 0)
    return Instance(External(call.name), (("maxsize", UNKNOWN),) if is_bounded else ())


def _marked(machine: Machine, call: Call) -> Value:
    if call.arguments.positional and not isinstance(call.argument(0), Literal):
        made = wrapped_by(machine, External(call.name), call.argument(0), call.node, call.frame)
        if not isinstance(made, Unknown):
            return made
    return Partial(External(call.name), call.arguments.positional, call.arguments.named)


def _item_of_collection(_: Machine, call: Call) -> Value:
    receiver = call.receiver
    if isinstance(receiver, Collection):
        return keyed_item(receiver, call.argument(0))
    if isinstance(receiver, TupleValue) and receiver.items:
        return join(*receiver.items)
    return UNKNOWN


def _values_of_collection(machine: Machine, call: Call) -> Value:
    return Collection("list", _item_of_collection(machine, call))


def _pairs_of_collection(machine: Machine, call: Call) -> Value:
    receiver = call.receiver
    keys = receiver.elements if isinstance(receiver, Collection) else UNKNOWN
    return Collection("list", TupleValue((keys, _item_of_collection(machine, call))))


def _same_receiver(_: Machine, call: Call) -> Value:
    return call.receiver or UNKNOWN


HANDLERS: dict[str, Handler] = {
    "<same>": _same,
    "super": _super,
    "sqlite3.connect": _connected,
    **dict.fromkeys(("io.TextIOWrapper", "io.BufferedReader", "io.BufferedRandom"), _wrapped_file),
    "importlib.import_module": _import_module,
    "hasattr": _hasattr,
    "dataclasses.replace": _same,
    "copy.copy": _same,
    "dataclasses.field": _field,
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
    "contextlib.closing": _kept,
    "contextlib.nullcontext": _kept,
    "contextlib.ExitStack.enter_context": _enter_context,
    "contextlib.AsyncExitStack.enter_context": _enter_context,
    **dict.fromkeys(("open", "pathlib.Path.open", "os.fdopen", "gzip.open"), _opened),
    "socket.socket": _socket,
    **dict.fromkeys(("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "multiprocessing.Queue"), _queue),
    **dict.fromkeys((*MARKING, *ALLOWING, "staticmethod", "classmethod", "property"), _marked),
    **{
        f"<{kind}>.{name}": _item_of_collection
        for kind in ("Collection", "TupleValue")
        for name in ("get", "pop", "popleft", "setdefault")
    },
    **{f"<{kind}>.values": _values_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.items": _pairs_of_collection for kind in ("Collection", "TupleValue")},
    **{f"<{kind}>.{name}": _same_receiver for kind in ("Collection", "TupleValue") for name in ("copy", "union")},
}
"""What reads the calls of each name."""
