"""Displays of tuples, lists, sets and dictionaries; comprehensions and generator expressions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.values import (
    TEXT,
    Awaitable,
    ClassValue,
    Collection,
    Constant,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
    attribute_set,
)
from ginger_async_safe.lint.interpreter.classes import adds_to
from ginger_async_safe.lint.interpreter.consuming import elements_of, unpacked
from ginger_async_safe.lint.interpreter.converting import truth
from ginger_async_safe.lint.interpreter.narrowing import narrow
from ginger_async_safe.lint.source.symbols import targets_of

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = [
    "async_elements_of",
    "evaluate_comprehension",
    "evaluate_dict",
    "evaluate_generator",
    "evaluate_set",
    "evaluate_tuple",
    "is_empty",
]

_MAX_KEYS = 12  # longer ones are tables


def evaluate_tuple(interpreter: Interpreter, node: ast.Tuple | ast.List, frame: Frame) -> Value:
    """Evaluate a tuple or list."""
    items: list[Value] = []
    is_known = True
    for element in node.elts:
        if isinstance(element, ast.Starred):
            value = interpreter.evaluate(element.value, frame)
            if isinstance(value, TupleValue):
                items += value.items
            else:
                items.append(elements_of(interpreter, value, element.value, frame))
                is_known = False
        else:
            items.append(interpreter.evaluate(element, frame))
    if is_known and len(items) <= 12:  # noqa: PLR2004 - longer ones are tables
        return TupleValue(tuple(items))
    return Collection("list", join(*items) if items else UNKNOWN)


def is_empty(interpreter: Interpreter, node: ast.expr, frame: Frame) -> bool:
    """Return whether an iterable is known to be empty: a display, or ``x or []`` where ``x`` is false or empty.

    A variable with an empty list does not count: whoever has the list too may add to it.
    """
    if isinstance(node, (ast.Tuple, ast.List)):
        return not node.elts
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        *parts, last = node.values
        return is_empty(interpreter, last, frame) and all(_is_false(interpreter, part, frame) for part in parts)
    return isinstance(node, ast.Attribute) and _is_false(interpreter, node, frame)


def _is_false(interpreter: Interpreter, node: ast.expr, frame: Frame) -> bool:
    inner = frame.detached()
    value = interpreter.evaluate(node, inner)
    if value != TupleValue(()):
        return all(isinstance(member, Constant) and not member.value for member in each(value))
    owner = interpreter.evaluate(node.value, inner) if isinstance(node, ast.Attribute) else UNKNOWN
    return (
        isinstance(node, ast.Attribute)
        and isinstance(owner, Instance)
        and isinstance(owner.cls, ClassValue)
        and attribute_set(owner, node.attr) == value
        and not adds_to(interpreter, owner.cls, node.attr, frame)
    )


def evaluate_set(interpreter: Interpreter, node: ast.Set, frame: Frame) -> Value:
    """Evaluate a set."""
    items = [interpreter.evaluate(element, frame) for element in node.elts]
    _hash(interpreter, items, node, frame)
    return Collection("set", join(*items) if items else UNKNOWN)


def _hash(interpreter: Interpreter, values: list[Value], node: ast.expr, frame: Frame) -> None:
    for value in values:
        for member in each(value):
            if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
                interpreter.call_method(member, "__hash__", Arguments(), frame, node)


def evaluate_dict(interpreter: Interpreter, node: ast.Dict, frame: Frame) -> Value:
    """Evaluate a dictionary."""
    keys: list[Value] = []
    values: list[Value] = []
    for key, value in zip(node.keys, node.values, strict=True):
        made = interpreter.evaluate(value, frame)
        if key is None:
            if isinstance(made, Collection) and made.values is not None:
                values.append(made.values)
        else:
            keys.append(interpreter.evaluate(key, frame))
            values.append(made)
    _hash(interpreter, keys, node, frame)
    keyed = tuple(zip(keys, values, strict=True)) if len(keys) == len(node.keys) <= _MAX_KEYS else ()
    return Collection("dict", TEXT if keys else UNKNOWN, join_known(values), keyed)


def evaluate_comprehension(
    interpreter: Interpreter, node: ast.ListComp | ast.SetComp | ast.DictComp, frame: Frame
) -> Value:
    """Evaluate a comprehension."""
    first = interpreter.evaluate(node.generators[0].iter, frame)
    inner = _inner(frame)
    element = _element(interpreter, node, first, inner, is_evaluated=True)
    if is_empty(interpreter, node.generators[0].iter, frame):
        frame.merge_findings(inner)
        return TupleValue(())
    frame.merge(inner)
    if isinstance(node, ast.DictComp):
        return Collection("dict", TEXT, element)
    return Collection("list", element)


def _inner(frame: Frame) -> Frame:
    inner = Frame(Scope(frame.module, frame.scope), frame.function, receiver=frame.receiver, owner=frame.owner)
    inner.attributes_now = frame.attributes_now
    return inner


def _element(
    interpreter: Interpreter,
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
    first: Value,
    inner: Frame,
    *,
    is_evaluated: bool,
) -> Value:
    for index, generator in enumerate(node.generators):
        if generator.is_async:
            value = first if index == 0 else interpreter.evaluate(generator.iter, inner)
            elements = async_elements_of(interpreter, value, generator.iter, inner)
        else:
            value = first if index == 0 and is_evaluated else interpreter.evaluate(generator.iter, inner)
            elements = elements_of(interpreter, value, generator.iter, inner)
        for name, path in targets_of(generator.target):
            inner.scope.names[name] = unpacked(interpreter, elements, path, generator.iter, inner)
        for condition in generator.ifs:
            truth(interpreter, interpreter.evaluate(condition, inner), condition, inner)
            narrow(interpreter, condition, inner, holds=True)
    if isinstance(node, ast.DictComp):
        key = interpreter.evaluate(node.key, inner)
        value_node: ast.expr | None = node.value  # none where a dictionary is unpacked (PEP 798)
        if value_node is not None:
            return interpreter.evaluate(value_node, inner)
        return join_known(
            [member.values for member in each(key) if isinstance(member, Collection) and member.values is not None]
        )
    return interpreter.evaluate(node.elt, inner)


def async_elements_of(interpreter: Interpreter, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Return the elements that ``async for`` yields from a value."""
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, QuerySet):
            interpreter.orm.keep_results(member, node, frame)
            found.append(interpreter.orm.instance_of(member))
        elif isinstance(member, (Collection, Generator)):
            found.append(member.elements)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            iterator = interpreter.call_method(member, "__aiter__", Arguments(), frame, node)
            for each_iterator in each(iterator) if iterator is not None else ():
                if isinstance(each_iterator, Generator):
                    found.append(each_iterator.elements)
                elif isinstance(each_iterator, Instance):
                    result = interpreter.call_method(each_iterator, "__anext__", Arguments(), frame, node)
                    if isinstance(result, Awaitable):
                        found.append(result.result)
    return join_known(found)


def evaluate_generator(interpreter: Interpreter, node: ast.GeneratorExp, frame: Frame) -> Value:
    """Evaluate a generator expression, whose events happen where it is consumed."""
    first = interpreter.evaluate(node.generators[0].iter, frame)
    if isinstance(first, QuerySet) and not node.generators[0].is_async:  # its iter() is called at once
        elements_of(interpreter, first, node.generators[0].iter, frame)
        first = replace(first, is_evaluated=True)
    inner = _inner(frame)
    element = _element(interpreter, node, first, inner, is_evaluated=True)
    frame.merge_findings(inner)
    is_async = any(generator.is_async for generator in node.generators)
    events = tuple(inner.events.values())
    if is_async:
        for event in events:
            frame.record(event)
    result = inner.result(element)._replace(events=tuple(replace(event, chain=event.chain[1:]) for event in events))
    return Generator(result, element, is_async=is_async, name=f"{frame.function}.<genexpr>")
