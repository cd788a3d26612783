"""Displays, comprehensions and generator expressions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.frames import Arguments, Frame, Scope
from ginger_async_safe.lint.iterating import elements_of, truth, unpacked
from ginger_async_safe.lint.narrowing import narrowed
from ginger_async_safe.lint.symbols import targets_of
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    Generator,
    Instance,
    QuerySet,
    TupleValue,
    each,
    join,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["async_elements_of", "read_comprehension", "read_dict", "read_generator", "read_set", "read_tuple"]

_MOST_KEYS = 12  # longer ones are tables


def read_tuple(machine: Machine, node: ast.Tuple | ast.List, frame: Frame) -> Value:
    """Read a tuple or list."""
    items: list[Value] = []
    is_told = True
    for element in node.elts:
        if isinstance(element, ast.Starred):
            value = machine.evaluate(element.value, frame)
            if isinstance(value, TupleValue):
                items += value.items
            else:
                items.append(elements_of(machine, value, element.value, frame))
                is_told = False
        else:
            items.append(machine.evaluate(element, frame))
    if is_told and len(items) <= 12:  # noqa: PLR2004 - longer ones are tables
        return TupleValue(tuple(items))
    return Collection("list", join(*items) if items else UNKNOWN)


def read_set(machine: Machine, node: ast.Set, frame: Frame) -> Value:
    """Read a set."""
    items = [machine.evaluate(element, frame) for element in node.elts if not isinstance(element, ast.Starred)]
    _hash(machine, items, node, frame)
    return Collection("set", join(*items) if items else UNKNOWN)


def _hash(machine: Machine, values: list[Value], node: ast.expr, frame: Frame) -> None:
    for value in values:
        for member in each(value):
            if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
                machine.call_method(member, "__hash__", Arguments(), frame, node)


def read_dict(machine: Machine, node: ast.Dict, frame: Frame) -> Value:
    """Read a dictionary."""
    keys: list[Value] = []
    values: list[Value] = []
    for key, value in zip(node.keys, node.values, strict=True):
        made = machine.evaluate(value, frame)
        if key is None:
            if isinstance(made, Collection) and made.values is not None:
                values.append(made.values)
        else:
            keys.append(machine.evaluate(key, frame))
            values.append(made)
    _hash(machine, keys, node, frame)
    keyed = tuple(zip(keys, values, strict=True)) if len(keys) == len(node.keys) <= _MOST_KEYS else ()
    return Collection("dict", TEXT if keys else UNKNOWN, join_known(values), keyed)


def read_comprehension(machine: Machine, node: ast.ListComp | ast.SetComp | ast.DictComp, frame: Frame) -> Value:
    """Read a comprehension, which runs where it stands."""
    first = machine.evaluate(node.generators[0].iter, frame)
    inner = _inner(frame)
    element = _element(machine, node, first, inner, is_evaluated=True)
    frame.take_all(inner)
    if isinstance(node, ast.DictComp):
        return Collection("dict", TEXT, element)
    return Collection("list", element)


def _inner(frame: Frame) -> Frame:
    inner = Frame(Scope(frame.module, frame.scope), frame.function, receiver=frame.receiver, owner=frame.owner)
    inner.stores = frame.stores
    return inner


def _element(
    machine: Machine,
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
    first: Value,
    inner: Frame,
    *,
    is_evaluated: bool,
) -> Value:
    for index, generator in enumerate(node.generators):
        if generator.is_async:
            value = first if index == 0 else machine.evaluate(generator.iter, inner)
            elements = async_elements_of(machine, value, generator.iter, inner)
        else:
            value = first if index == 0 and is_evaluated else machine.evaluate(generator.iter, inner)
            elements = elements_of(machine, value, generator.iter, inner)
        for name, path in targets_of(generator.target):
            inner.scope.names[name] = unpacked(machine, elements, path, generator.iter, inner)
        for condition in generator.ifs:
            truth(machine, machine.evaluate(condition, inner), condition, inner)
            narrowed(machine, condition, inner, holds=True)
    if isinstance(node, ast.DictComp):
        machine.evaluate(node.key, inner)
        return machine.evaluate(node.value, inner)
    return machine.evaluate(node.elt, inner)


def async_elements_of(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    """Return what ``async for`` gives of a value."""
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, QuerySet):
            orm.note_evaluated(member, node, frame)
            found.append(orm.instance_of(member))
        elif isinstance(member, (Collection, Generator)):
            found.append(member.elements)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            iterator = machine.call_method(member, "__aiter__", Arguments(), frame, node)
            for each_iterator in each(iterator) if iterator is not None else ():
                if isinstance(each_iterator, Generator):
                    found.append(each_iterator.elements)
                elif isinstance(each_iterator, Instance):
                    result = machine.call_method(each_iterator, "__anext__", Arguments(), frame, node)
                    if isinstance(result, Awaitable):
                        found.append(result.result)
    return join_known(found)


def read_generator(machine: Machine, node: ast.GeneratorExp, frame: Frame) -> Value:
    """Read a generator expression, which runs where it is consumed."""
    first = machine.evaluate(node.generators[0].iter, frame)
    if isinstance(first, QuerySet) and not node.generators[0].is_async:  # its iter() is called at once
        elements_of(machine, first, node.generators[0].iter, frame)
        first = replace(first, evaluated=True)
    inner = _inner(frame)
    element = _element(machine, node, first, inner, is_evaluated=True)
    frame.take_in(inner)
    is_async = any(generator.is_async for generator in node.generators)
    events = tuple(inner.events.values())
    if is_async:
        for event in events:
            frame.record(event)
    result = inner.result(element)._replace(events=tuple(replace(event, chain=event.chain[1:]) for event in events))
    return Generator(result, element, is_async=is_async, name=f"{frame.function}.<genexpr>")
