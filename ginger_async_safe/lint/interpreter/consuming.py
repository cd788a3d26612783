"""Consuming values: iterating, unpacking, indexing and entering."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join, join_known
from ginger_async_safe.lint.domain.events import block
from ginger_async_safe.lint.domain.fixes import IN_ONE_BLOCK, IN_ONE_LOOP
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    ClassValue,
    Collection,
    Constant,
    External,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
    TypeForm,
)
from ginger_async_safe.lint.interpreter.summaries import block_by_package, made_by
from ginger_async_safe.lint.knowledge.orm import Evaluation, is_atomic
from ginger_async_safe.lint.knowledge.rule_table import is_class

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["LOCKS", "elements_of", "enter", "indexed", "keyed_item", "unpacked"]

LOCKS = frozenset({"threading.Lock", "threading.RLock", "threading.Condition", "threading.Semaphore"})
"""Locks that a ``with`` block holds for a moment: reported only where the block awaits."""

_GENERIC = frozenset(
    {"dict", "frozenset", "list", "set", "tuple", "type", "collections.defaultdict", "collections.deque"}
)


def elements_of(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Iterate over a value to its end, and return its elements."""
    return join_known(frame.over(list(each(value)), lambda member: _elements(interpreter, member, node, frame)))


def _elements(interpreter: Interpreter, value: Single, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, TupleValue):
        return join(*value.items) if value.items else UNKNOWN
    if isinstance(value, Collection):
        return value.elements
    if isinstance(value, Generator):
        if not value.is_async:
            with frame.fix_override(lambda: IN_ONE_LOOP):
                frame.absorb(value.result, node, value.name)
        return value.elements
    if isinstance(value, QuerySet):
        return interpreter.orm.evaluate(value, Evaluation.ITERATE, node, frame)
    if isinstance(value, Instance):
        with frame.fix_override(lambda: IN_ONE_LOOP):
            return _elements_of_instance(interpreter, value, node, frame)
    if isinstance(value, ClassValue):
        return Instance(value)  # an enumeration
    return UNKNOWN


def _elements_of_instance(interpreter: Interpreter, value: Instance, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value.cls, External):
        return _of_known(interpreter, value, value.cls.name, node, frame)
    iterator = interpreter.call_method(value, "__iter__", Arguments(), frame, node)
    if iterator is None:
        getter = interpreter.call_method(value, "__getitem__", Arguments(), frame, node)
        return UNKNOWN if getter is None else getter
    return join_known(_given(interpreter, member, node, frame) for member in each(iterator))


def _given(interpreter: Interpreter, iterator: Single, node: ast.expr, frame: Frame) -> Value:
    """Return the elements of an iterator."""
    if isinstance(iterator, Instance) and isinstance(iterator.cls, ClassValue):
        return interpreter.call_method(iterator, "__next__", Arguments(), frame, node) or UNKNOWN
    return _elements(interpreter, iterator, node, frame)


def _of_known(interpreter: Interpreter, value: Instance, name: str, node: ast.expr, frame: Frame) -> Value:
    for method in ("__next__", "__iter__"):
        rule = interpreter.rules.of(f"{name}.{method}")
        if rule is not None:
            block(frame, node, rule, name)
            break
        summary = interpreter.summary(f"{name}.{method}")
        if summary is not None and summary.chain:
            block_by_package(frame, node, summary)
            break
    return UNKNOWN if value.elements is None else value.elements


def unpacked(interpreter: Interpreter, value: Value, path: tuple[int, ...], node: ast.expr, frame: Frame) -> Value:
    """Return the part of an unpacked value at certain indices."""
    for index in path:
        found: list[Value] = []
        for member in each(value):
            if isinstance(member, TupleValue) and 0 <= index < len(member.items):
                found.append(member.items[index])
            elif index == -1:
                found.append(Collection("list", _elements(interpreter, member, node, frame)))
            else:
                found.append(_elements(interpreter, member, node, frame))
        value = join_known(found)
    return value


def indexed(interpreter: Interpreter, value: Value, index: Value, node: ast.Subscript, frame: Frame) -> Value:
    """Return an item of a value."""
    return join_known(_item(interpreter, member, index, node, frame) for member in each(value))


def _item(interpreter: Interpreter, value: Single, index: Value, node: ast.Subscript, frame: Frame) -> Value:
    is_slice = isinstance(node.slice, ast.Slice)
    if isinstance(value, TupleValue):
        if (
            isinstance(index, Constant)
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
        return value if is_slice and not value.is_evaluated else interpreter.orm.item(value, node, frame)
    if isinstance(value, (ClassValue, External, TypeForm)):
        return _with_type_arguments(interpreter, value, node, frame)
    if isinstance(value, Instance):
        if isinstance(value.cls, ClassValue):
            for method in ("__getitem__", "__missing__"):
                found = interpreter.call_method(value, method, Arguments((index,)), frame, node)
                if found is not None:
                    return found
            return UNKNOWN
        return interpreter.call(
            interpreter.attribute(value, "__getitem__", node, frame), Arguments((index,)), frame, node
        )
    return UNKNOWN


def _with_type_arguments(
    interpreter: Interpreter, value: ClassValue | External | TypeForm, node: ast.Subscript, frame: Frame
) -> Value:
    """Return a generic class with its type arguments; a member of an enumeration is an item of the class too."""
    if isinstance(value, TypeForm):
        return TypeForm(UNKNOWN, value.origin)
    if isinstance(value, External):
        is_generic = value.name.startswith("typing.") or value.name in _GENERIC or is_class(value.name)
    else:
        is_generic = _is_generic(interpreter, value)
    return TypeForm(interpreter.evaluate_annotation(node, frame), value) if is_generic else value


def _is_generic(interpreter: Interpreter, cls: ClassValue) -> bool:
    node = cls.node or interpreter.project.definition(cls.module, cls.qualname)
    if not isinstance(node, ast.ClassDef):
        return False
    return bool(getattr(node, "type_params", ())) or any(isinstance(base, ast.Subscript) for base in node.bases)


def keyed_item(value: Collection, key: Value) -> Value:
    """Return the item of a collection for a key."""
    known = dict(value.keyed).get(key)
    if known is not None:
        return known
    return value.elements if value.values is None else value.values


def enter(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Enter and exit a context manager, and return what ``as`` binds."""
    with frame.fix_override(lambda: IN_ONE_BLOCK):
        return join_known(frame.over(list(each(value)), lambda member: _enter(interpreter, member, node, frame)))


def _enter(interpreter: Interpreter, value: Single, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, Generator):  # of a context manager
        if not value.is_async:
            frame.absorb(value.result, node, value.name)
        return value.elements
    if isinstance(value, Instance):
        if isinstance(value.cls, External):
            name = value.cls.name
            entered: Value = value
            for method in ("__enter__", "__exit__"):
                rule = interpreter.rules.of(f"{name}.{method}")
                if rule is not None and name not in LOCKS:
                    block(frame, node, rule, name)
                summary = None if rule is not None else interpreter.summary(f"{name}.{method}")
                if summary is not None and summary.chain:
                    block_by_package(frame, node, summary)
                if summary is not None and summary.type and method == "__enter__":
                    entered = made_by(summary)
            if is_atomic(name):
                interpreter.orm.begin_transaction(name, node, frame)
            if name in {"contextlib.closing", "contextlib.nullcontext"}:
                return value.elements or UNKNOWN
            return entered
        result = interpreter.call_method(value, "__enter__", Arguments(), frame, node)
        interpreter.call_method(value, "__exit__", Arguments((NOTHING, NOTHING, NOTHING)), frame, node)
        return UNKNOWN if result is None else result
    if isinstance(value, External) and is_atomic(value.name):
        return NOTHING
    return UNKNOWN
