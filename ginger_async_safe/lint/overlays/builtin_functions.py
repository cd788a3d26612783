"""Builtins and similar functions that consume, compare or convert their arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join
from ginger_async_safe.lint.domain.fixes import fix_of
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    TEXT,
    ClassValue,
    Collection,
    Constant,
    External,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
)
from ginger_async_safe.lint.interpreter.consuming import elements_of
from ginger_async_safe.lint.interpreter.converting import stringify, truth
from ginger_async_safe.lint.knowledge.orm import Evaluation

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS"]


def _listed(kind: str) -> Overlay:
    def handler(interpreter: Interpreter, call: Call) -> Value:
        if not call.arguments.positional:
            return Collection(kind, UNKNOWN)
        value = call.argument(0)
        if isinstance(value, TupleValue):
            return value
        if kind == "dict" and isinstance(value, Collection) and value.values is not None:
            return value
        return Collection(kind, elements_of(interpreter, value, call.expression(0), call.frame))

    return handler


def _cache(*_: object) -> Value:
    return Collection("dict", UNKNOWN)


def _sorted(interpreter: Interpreter, call: Call) -> Value:
    elements = elements_of(interpreter, call.argument(0), call.expression(0), call.frame)
    key = call.arguments.get(-1, "key")
    if key is not None:
        interpreter.call(key, Arguments((elements,)), call.frame, call.node)
    _compared(interpreter, call, elements)
    return Collection("list", elements)


def _sorted_in_place(interpreter: Interpreter, call: Call) -> Value:
    elements = elements_of(interpreter, call.receiver or UNKNOWN, call.node, call.frame)
    key = call.arguments.get(-1, "key")
    if key is None:
        _compared(interpreter, call, elements)
    else:
        interpreter.call(key, Arguments((elements,)), call.frame, call.node)
    return UNKNOWN


def _compared(interpreter: Interpreter, call: Call, elements: Value) -> None:
    if call.arguments.get(-1, "key") is None:
        for member in each(elements):
            if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
                interpreter.call_method(member, "__lt__", Arguments((elements,)), call.frame, call.node)


def _extreme(interpreter: Interpreter, call: Call) -> Value:
    if len(call.arguments.positional) > 1:
        return join(*call.arguments.positional)
    elements = elements_of(interpreter, call.argument(0), call.expression(0), call.frame)
    key = call.arguments.get(-1, "key")
    if key is not None:
        interpreter.call(key, Arguments((elements,)), call.frame, call.node)
    _compared(interpreter, call, elements)
    return elements


def _consumed(interpreter: Interpreter, call: Call) -> Value:
    elements = elements_of(interpreter, call.argument(0), call.expression(0), call.frame)
    if call.name in {"any", "all"}:
        truth(interpreter, elements, call.expression(0), call.frame)
    return UNKNOWN


def _enumerated(interpreter: Interpreter, call: Call) -> Value:
    value = call.argument(0)
    number = Instance(External("int"))
    if isinstance(value, Generator):
        return replace(value, elements=TupleValue((number, value.elements)))
    return Collection(
        "enumerate", TupleValue((number, elements_of(interpreter, value, call.expression(0), call.frame)))
    )


def _zipped(interpreter: Interpreter, call: Call) -> Value:
    later = call.frame.detached()
    elements = tuple(
        _elements_later(interpreter, value, call.expression(index), call.frame, later)
        for index, value in enumerate(call.arguments.positional)
    )
    return Generator(later.result(UNKNOWN), TupleValue(elements), name=call.name)


def _elements_later(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame, later: Frame) -> Value:
    """Return the elements of an argument of ``zip`` or ``map``, which call ``iter`` at once and consume it later."""
    is_lazy = all(isinstance(member, Generator) for member in each(value))
    return elements_of(interpreter, value, node, later if is_lazy else frame)


def _mapped(interpreter: Interpreter, call: Call) -> Value:
    """Call ``map`` or ``filter``, whose function is called when the result is consumed."""
    lists = call.arguments.positional[1:]
    inner = call.frame.detached()
    elements = [
        _elements_later(interpreter, value, call.expression(index + 1), call.frame, inner)
        for index, value in enumerate(lists)
    ]
    result = interpreter.call(call.argument(0), Arguments(tuple(elements)), inner, call.node)
    call.frame.merge_findings(inner)
    given = elements[0] if call.name == "filter" and elements else result
    return Generator(inner.result(UNKNOWN), given, name=call.name)


def _reversed(interpreter: Interpreter, call: Call) -> Value:
    return Collection("list", elements_of(interpreter, call.argument(0), call.expression(0), call.frame))


def _iter(interpreter: Interpreter, call: Call) -> Value:
    value = call.argument(0)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        return interpreter.call_method(value, "__iter__", Arguments(), call.frame, call.node) or UNKNOWN
    if isinstance(value, QuerySet):
        return Collection("iterator", elements_of(interpreter, value, call.expression(0), call.frame))
    return value


def _next(interpreter: Interpreter, call: Call) -> Value:
    value = call.argument(0)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        return interpreter.call_method(value, "__next__", Arguments(), call.frame, call.node) or UNKNOWN
    if isinstance(value, QuerySet):
        return UNKNOWN
    return elements_of(interpreter, value, call.expression(0), call.frame)


def _len(interpreter: Interpreter, call: Call) -> Value:
    for value in each(call.argument(0)):
        if isinstance(value, QuerySet):
            interpreter.orm.evaluate(value, Evaluation.LENGTH, call.expression(0), call.frame)
        elif isinstance(value, Instance) and isinstance(value.cls, ClassValue):
            interpreter.call_method(value, "__len__", Arguments(), call.frame, call.node)
    return Instance(External("int"))


def _bool(interpreter: Interpreter, call: Call) -> Value:
    result = (
        truth(interpreter, call.argument(0), call.expression(0), call.frame) if call.arguments.positional else False
    )
    return UNKNOWN if result is None else Constant(result)


def _text(*methods: str) -> Overlay:
    def handler(interpreter: Interpreter, call: Call) -> Value:
        called = methods
        if isinstance(call.receiver, Constant) and "!r" in str(call.receiver.value):
            called = ("__repr__",)
        for index, value in enumerate(call.arguments.positional):
            stringify(interpreter, value, call.expression(index), call.frame, called)
        return TEXT

    return handler


def _operator(method: str) -> Overlay:
    def handler(interpreter: Interpreter, call: Call) -> Value:
        value = call.argument(0)
        if isinstance(value, Instance):
            return interpreter.call_method(value, method, Arguments(), call.frame, call.node) or UNKNOWN
        return UNKNOWN

    return handler


def _reduced(interpreter: Interpreter, call: Call) -> Value:
    elements = elements_of(interpreter, call.argument(1), call.expression(1), call.frame)
    return interpreter.call(call.argument(0), Arguments((elements, elements)), call.frame, call.node)


def _chained(interpreter: Interpreter, call: Call) -> Value:
    values = [
        elements_of(interpreter, value, call.expression(index), call.frame)
        for index, value in enumerate(call.arguments.positional)
    ]
    return Collection("iterator", join(*values) if values else UNKNOWN)


def _resumed(interpreter: Interpreter, call: Call) -> Value:
    return elements_of(interpreter, call.receiver or UNKNOWN, call.expression(99), call.frame)


def _at_once(handlers: Mapping[str, Overlay]) -> dict[str, Overlay]:
    """Return overlays of calls that do everything at once, so that the fix is to run the call itself in a thread."""

    def in_thread(handler: Overlay) -> Overlay:
        def handle(interpreter: Interpreter, call: Call) -> Value:
            with call.frame.fix_override(lambda: fix_of(call.node)):
                return handler(interpreter, call)

        return handle

    return {name: in_thread(handler) for name, handler in handlers.items()}


_AT_ONCE: dict[str, Overlay] = {
    **{name: _listed(name) for name in ("list", "tuple", "set", "frozenset", "dict", "collections.deque")},
    "weakref.WeakSet": _listed("set"),
    **dict.fromkeys(
        ("collections.OrderedDict", "weakref.WeakValueDictionary", "weakref.WeakKeyDictionary"), _listed("dict")
    ),
    **{
        f"cachetools.{name}": _cache for name in ("Cache", "FIFOCache", "LFUCache", "LRUCache", "TTLCache", "TLRUCache")
    },
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

OVERLAYS: dict[str, Overlay] = {
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
"""What certain calls do, by their dotted names."""
