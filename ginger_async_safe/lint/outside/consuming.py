"""Builtins and their like that consume what they are given, compare it, or make a text of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import elements_of, shown, truth
from ginger_async_safe.lint.mends import mend_of
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    ClassValue,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    QuerySet,
    TupleValue,
    each,
    join,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.outside.call import Call, Handler
    from ginger_async_safe.lint.values import Value


__all__ = ["HANDLERS"]


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


def _sorted_in_place(machine: Machine, call: Call) -> Value:
    elements = elements_of(machine, call.receiver or UNKNOWN, call.node, call.frame)
    key = call.arguments.get(-1, "key")
    if key is None:
        _compared(machine, call, elements)
    else:
        machine.call(key, Arguments((elements,)), call.frame, call.node)
    return UNKNOWN


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
    later = call.frame.aside()
    elements = tuple(
        _elements_later(machine, value, call.expression(index), call.frame, later)
        for index, value in enumerate(call.arguments.positional)
    )
    return Generator(later.result(UNKNOWN), TupleValue(elements), name=call.name)


def _elements_later(machine: Machine, value: Value, node: ast.expr, frame: Frame, later: Frame) -> Value:
    """Return what a value gives to ``zip`` and ``map``: they ask for its iterator at once, and consume it later."""
    is_lazy = all(isinstance(member, Generator) for member in each(value))
    return elements_of(machine, value, node, later if is_lazy else frame)


def _mapped(machine: Machine, call: Call) -> Value:
    """Read ``map`` and ``filter``, which call their function when what they give is consumed."""
    lists = call.arguments.positional[1:]
    inner = call.frame.aside()
    elements = [
        _elements_later(machine, value, call.expression(index + 1), call.frame, inner)
        for index, value in enumerate(lists)
    ]
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
        asked = methods
        if isinstance(call.receiver, Literal) and "!r" in str(call.receiver.value):
            asked = ("__repr__",)
        for index, value in enumerate(call.arguments.positional):
            shown(machine, value, call.expression(index), call.frame, asked)
        return TEXT

    return handler


def _operator(method: str) -> Handler:
    def handler(machine: Machine, call: Call) -> Value:
        value = call.argument(0)
        if isinstance(value, Instance):
            return machine.call_method(value, method, Arguments(), call.frame, call.node) or UNKNOWN
        return UNKNOWN

    return handler


def _reduced(machine: Machine, call: Call) -> Value:
    elements = elements_of(machine, call.argument(1), call.expression(1), call.frame)
    return machine.call(call.argument(0), Arguments((elements, elements)), call.frame, call.node)


def _chained(machine: Machine, call: Call) -> Value:
    values = [
        elements_of(machine, value, call.expression(index), call.frame)
        for index, value in enumerate(call.arguments.positional)
    ]
    return Collection("iterator", join(*values) if values else UNKNOWN)


def _resumed(machine: Machine, call: Call) -> Value:
    return elements_of(machine, call.receiver or UNKNOWN, call.expression(99), call.frame)


def _at_once(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Return handlers of calls that do at once all that they do: in a thread they do it there."""

    def in_thread(handler: Handler) -> Handler:
        def handle(machine: Machine, call: Call) -> Value:
            with call.frame.told(lambda: mend_of(call.node)):
                return handler(machine, call)

        return handle

    return {name: in_thread(handler) for name, handler in handlers.items()}


_AT_ONCE: dict[str, Handler] = {
    **{name: _listed(name) for name in ("list", "tuple", "set", "frozenset", "dict", "collections.deque")},
    "sorted": _sorted,
    "<Collection>.sort": _sorted_in_place,
    "<TupleValue>.sort": _sorted_in_place,
    "min": _extreme,
    "max": _extreme,
    **dict.fromkeys(("sum", "any", "all", "collections.Counter", "math.fsum", "statistics.mean"), _consumed),
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
    "functools.reduce": _reduced,
    "str.join": _consumed,
}

HANDLERS: dict[str, Handler] = {
    **_at_once(_AT_ONCE),
    "enumerate": _enumerated,
    "zip": _zipped,
    "map": _mapped,
    "filter": _mapped,
    "reversed": _reversed,
    "iter": _iter,
    "next": _next,
    "itertools.chain": _chained,
    "itertools.islice": _chained,
    "<Generator>.send": _resumed,
    "<Generator>.__next__": _resumed,
}
"""What reads the calls of each name."""
