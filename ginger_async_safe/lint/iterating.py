"""What is consumed: iterated, unpacked, entered by ``with``, or asked for its truth."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.blocking import block
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.mends import IN_ONE_BLOCK, IN_ONE_LOOP, mend_by
from ginger_async_safe.lint.values import (
    NOTHING,
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    QuerySet,
    TupleValue,
    Wrapped,
    each,
    join,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Single, Value

__all__ = ["LOCKS", "elements_of", "entered", "indexed", "keyed_item", "shown", "truth", "unpacked"]

LOCKS = frozenset({"threading.Lock", "threading.RLock", "threading.Condition", "threading.Semaphore"})
"""What is held for a moment by a block: by itself that is no finding, but where the block awaits."""


def elements_of(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Iterate over a value to its end, and return what that gives one by one."""
    return join_known(_elements(machine, member, node, frame) for member in each(value))


def _elements(machine: Machine, value: Single, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, TupleValue):
        return join(*value.items) if value.items else UNKNOWN
    if isinstance(value, Collection):
        return value.elements
    if isinstance(value, Generator):
        if not value.is_async:
            with frame.told(lambda: IN_ONE_LOOP):
                frame.absorb(value.result, node, value.name)
        return value.elements
    if isinstance(value, QuerySet):
        return orm.evaluated(value, "iterate", node, frame)
    if isinstance(value, Instance):
        with frame.told(lambda: IN_ONE_LOOP):
            return _elements_of_instance(machine, value, node, frame)
    if isinstance(value, ClassValue):
        return Instance(value)  # an enumeration
    return UNKNOWN


def _elements_of_instance(machine: Machine, value: Instance, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value.cls, External):
        return _of_known(machine, value, value.cls.name, node, frame)
    iterator = machine.call_method(value, "__iter__", Arguments(), frame, node)
    if iterator is None:
        getter = machine.call_method(value, "__getitem__", Arguments(), frame, node)
        return UNKNOWN if getter is None else getter
    return join_known(_given(machine, member, node, frame) for member in each(iterator))


def _given(machine: Machine, iterator: Single, node: ast.expr, frame: Frame) -> Value:
    """Return what an iterator gives one by one."""
    if isinstance(iterator, Instance) and isinstance(iterator.cls, ClassValue):
        return machine.call_method(iterator, "__next__", Arguments(), frame, node) or UNKNOWN
    return _elements(machine, iterator, node, frame)


def _of_known(machine: Machine, value: Instance, name: str, node: ast.expr, frame: Frame) -> Value:
    for method in ("__next__", "__iter__"):
        rule = machine.rules.of(f"{name}.{method}")
        if rule is not None:
            block(frame, node, rule)
            break
    return UNKNOWN if value.elements is None else value.elements


def unpacked(machine: Machine, value: Value, path: tuple[int, ...], node: ast.expr, frame: Frame) -> Value:
    """Return what stands at a place of what is unpacked."""
    for index in path:
        found: list[Value] = []
        for member in each(value):
            if isinstance(member, TupleValue) and 0 <= index < len(member.items):
                found.append(member.items[index])
            elif index == -1:
                found.append(Collection("list", _elements(machine, member, node, frame)))
            else:
                found.append(_elements(machine, member, node, frame))
        value = join_known(found)
    return value


def indexed(machine: Machine, value: Value, index: Value, node: ast.Subscript, frame: Frame) -> Value:
    """Return an item of a value."""
    return join_known(_item(machine, member, index, node, frame) for member in each(value))


def _item(machine: Machine, value: Single, index: Value, node: ast.Subscript, frame: Frame) -> Value:
    is_slice = isinstance(node.slice, ast.Slice)
    if isinstance(value, TupleValue):
        if (
            isinstance(index, Literal)
            and isinstance(index.value, int)
            and -len(value.items) <= index.value < len(value.items)
        ):
            return value.items[index.value]
        joined = join(*value.items) if value.items else UNKNOWN
        return Collection("tuple", joined) if is_slice else joined
    if isinstance(value, Collection):
        if is_slice:
            return value
        return keyed_item(value, index)
    if isinstance(value, QuerySet):
        return value if is_slice and not value.evaluated else orm.item(value, node, frame)
    if isinstance(value, (ClassValue, External)):
        return value  # a generic class with its parameters
    if isinstance(value, Instance):
        if isinstance(value.cls, ClassValue):
            for method in ("__getitem__", "__missing__"):
                found = machine.call_method(value, method, Arguments((index,)), frame, node)
                if found is not None:
                    return found
            return UNKNOWN
        return machine.call(machine.attribute(value, "__getitem__", node, frame), Arguments((index,)), frame, node)
    return UNKNOWN


def keyed_item(value: Collection, key: Value) -> Value:
    """Return what a collection gives for a key."""
    known = dict(value.keyed).get(key)
    if known is not None:
        return known
    return value.elements if value.values is None else value.values


def entered(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Enter a value by ``with``, and return what ``as`` binds; what leaving it does is noted too."""
    with frame.told(lambda: IN_ONE_BLOCK):
        return join_known([_entered(machine, member, node, frame) for member in each(value)])


def _entered(machine: Machine, value: Single, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, Generator):  # of a context manager
        if not value.is_async:
            frame.absorb(value.result, node, value.name)
        return value.elements
    if isinstance(value, Instance):
        if isinstance(value.cls, External):
            for method in ("__enter__", "__exit__"):
                rule = machine.rules.of(f"{value.cls.name}.{method}")
                if rule is not None and value.cls.name not in LOCKS:
                    block(frame, node, rule)
            name = value.cls.name
            if orm.is_atomic(name):
                orm.began_transaction(name, node, frame)
            if name in {"contextlib.closing", "contextlib.nullcontext"}:
                return value.elements or UNKNOWN
            return value
        result = machine.call_method(value, "__enter__", Arguments(), frame, node)
        machine.call_method(value, "__exit__", Arguments((NOTHING, NOTHING, NOTHING)), frame, node)
        return UNKNOWN if result is None else result
    if isinstance(value, External) and orm.is_atomic(value.name):
        return NOTHING
    return UNKNOWN


def truth(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> bool | None:
    """Ask a value for its truth, and return it where it is known."""
    truths = {_truth(machine, member, node, frame) for member in each(value)}
    return truths.pop() if len(truths) == 1 else None


def _truth(machine: Machine, value: Single, node: ast.expr, frame: Frame) -> bool | None:
    if isinstance(value, Literal):
        return bool(value.value)
    if isinstance(value, QuerySet) and value.kind == "queryset":
        orm.evaluated(value, "bool", node, frame)
        return None
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        with frame.told(lambda: mend_by("bool", node)):
            return None if _answers(machine, value, ("__bool__", "__len__"), node, frame) else True
    if isinstance(value, (Wrapped, Awaitable, Generator, ClassValue)):
        return True
    if isinstance(value, TupleValue) and value.items:
        return True
    return None


def shown(machine: Machine, value: Value, node: ast.expr, frame: Frame, methods: tuple[str, ...]) -> Value:
    """Make a text of a value, as ``str``, ``repr``, ``format`` and f-strings do."""
    for member in each(value):
        if isinstance(member, QuerySet) and member.kind == "queryset":
            orm.evaluated(member, "str", node, frame)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            with frame.told(lambda: mend_by("repr" if methods == ("__repr__",) else "str", node)):
                _answers(machine, member, methods, node, frame)
    return TEXT


def _answers(machine: Machine, value: Instance, methods: tuple[str, ...], node: ast.expr, frame: Frame) -> bool:
    """Call the first of several methods that a value has, and tell whether it has one."""
    return any(machine.call_method(value, method, Arguments(), frame, node) is not None for method in methods)
