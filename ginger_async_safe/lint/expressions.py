"""What an expression may be, and what evaluating it does."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.frames import Arguments, Frame, Scope
from ginger_async_safe.lint.iterating import elements_of, indexed, shown, truth, unpacked
from ginger_async_safe.lint.names import name_value
from ginger_async_safe.lint.registries import ADDING, hold
from ginger_async_safe.lint.symbols import targets_of
from ginger_async_safe.lint.values import (
    NOTHING,
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Closure,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    QuerySet,
    TupleValue,
    Unknown,
    each,
    join,
    join_known,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["OPERATORS", "async_elements_of", "called", "evaluate", "narrowed"]

OPERATORS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
"""Operators, by the names of the methods that they call without their underscores."""

_COMPARISONS = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """Return what an expression may be, and note in the frame what it does."""
    handler = _HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(machine, node, frame)


def _constant(_: Machine, node: ast.Constant, __: Frame) -> Value:
    if isinstance(node.value, str):
        return Literal(node.value) if len(node.value) < 100 else TEXT  # noqa: PLR2004 - names, not texts
    return Literal(node.value)


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    return name_value(machine, node.id, frame)


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if isinstance(value, Unknown):
        return UNKNOWN
    return machine.attribute(value, node.attr, node, frame)


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    return called(machine, node, frame, is_awaited=False)


def called(machine: Machine, node: ast.Call, frame: Frame, *, is_awaited: bool) -> Value:
    """Return what a call returns, and note what it does."""
    machine.calls += 1
    function = machine.evaluate(node.func, frame)
    arguments = _arguments(machine, node, frame)
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in ADDING:
            _note_held(machine, node, node.func, arguments, frame)
        elif node.func.attr in {"setblocking", "settimeout"}:
            _note_blocking(machine, node.func.value, arguments, frame)
    if isinstance(function, Unknown):
        machine.unresolved += 1
        return UNKNOWN
    return machine.call(function, arguments, frame, node, is_awaited=is_awaited)


def _arguments(machine: Machine, node: ast.Call, frame: Frame) -> Arguments:
    positional: list[Value] = []
    is_complete = True
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            positional.append(machine.evaluate(argument, frame))
            continue
        value = machine.evaluate(argument.value, frame)
        if isinstance(value, TupleValue):
            positional += value.items
        else:
            elements_of(machine, value, argument.value, frame)
            is_complete = False
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is None:
            is_complete = False
        else:
            named[keyword.arg] = value
    return Arguments(tuple(positional), tuple(named.items()), is_complete)


def _note_blocking(machine: Machine, target: ast.expr, arguments: Arguments, frame: Frame) -> None:
    """Note that a socket does not block from now on."""
    first = arguments.get(0)
    if isinstance(target, ast.Name) and isinstance(first, Literal) and first.value is not None and not first.value:
        value = machine.evaluate(target, frame.aside())
        if isinstance(value, Instance):
            frame.scope.bind(target.id, replace(value, arguments=(("<nonblocking>", NOTHING),)))


def _note_held(
    machine: Machine, node: ast.Call, method: ast.Attribute, arguments: Arguments, frame: Frame
) -> None:
    """Note what a list, set or dictionary holds from now on."""
    target = method.value
    if not arguments.positional:
        return
    added = arguments.positional[-1]
    if method.attr == "extend":
        added = elements_of(machine, added, node.args[-1], frame) if node.args else UNKNOWN
    if not isinstance(target, ast.Name) or target.id not in frame.scope.names:
        hold(machine, target, added, frame)
        return
    value = frame.scope.names[target.id]
    if isinstance(value, (TupleValue, Collection)):
        held = value.items if isinstance(value, TupleValue) else (value.elements,)
        frame.scope.names[target.id] = Collection("list", join_known((*held, added)))


def _awaited(machine: Machine, node: ast.Await, frame: Frame) -> Value:
    if isinstance(node.value, ast.Call):
        value = called(machine, node.value, frame, is_awaited=True)
    else:
        value = machine.evaluate(node.value, frame)
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Awaitable):
            found.append(member.result)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = machine.call_method(member, "__await__", Arguments(), frame, node.value)
            found.append(UNKNOWN if result is None else _given_by(machine, result, node.value, frame))
    known = [member for member in found if not isinstance(member, Unknown)]
    return join(*known) if known else UNKNOWN


def _given_by(machine: Machine, iterator: Value, node: ast.expr, frame: Frame) -> Value:
    elements_of(machine, iterator, node, frame)
    return UNKNOWN


def _boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    is_and = isinstance(node.op, ast.And)
    names = dict(frame.scope.names)
    values: list[Value] = []
    for index, part in enumerate(node.values):
        value = machine.evaluate(part, frame)
        is_last = index == len(node.values) - 1
        known = None if is_last else truth(machine, value, part, frame)
        if is_last or known is not is_and:
            values.append(value)
        if not is_last and known is not None and known is not is_and:
            break
        if not is_last:
            narrowed(machine, part, frame, holds=is_and)
    for name, before in names.items():  # what a part before tells holds for the parts after it alone
        now = frame.scope.names.get(name, before)
        if now is not before and not (isinstance(now, QuerySet) and now.evaluated):
            frame.scope.names[name] = before
    return join(*values) if values else UNKNOWN


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Value:
    left = machine.evaluate(node.left, frame)
    right = machine.evaluate(node.right, frame)
    operator = OPERATORS[type(node.op)]
    if isinstance(node.op, ast.Mod) and isinstance(left, Literal) and isinstance(left.value, str):
        for value in right.items if isinstance(right, TupleValue) else (right,):
            shown(machine, value, node.right, frame, ("__str__", "__repr__"))
        return TEXT
    found: list[Value] = []
    for value, method, other in ((left, f"__{operator}__", right), (right, f"__r{operator}__", left)):
        for member in each(value):
            if isinstance(member, QuerySet) and operator in {"and", "or"}:
                return member
            if isinstance(member, Instance):
                result = machine.call_method(member, method, Arguments((other,)), frame, node)
                if result is not None:
                    found.append(result)
            elif isinstance(member, (Collection, TupleValue)) and operator == "add":
                found.append(member)
    if isinstance(left, TupleValue) and isinstance(right, TupleValue) and operator == "add":
        return TupleValue((*left.items, *right.items))
    return join(*found) if found else UNKNOWN


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    value = machine.evaluate(node.operand, frame)
    if isinstance(node.op, ast.Not):
        known = truth(machine, value, node.operand, frame)
        return UNKNOWN if known is None else Literal(not known)
    if isinstance(value, Literal) and isinstance(value.value, (int, float)) and isinstance(node.op, ast.USub):
        return Literal(-value.value)
    if isinstance(value, Instance):
        return machine.call_method(value, _UNARY[type(node.op)], Arguments(), frame, node) or UNKNOWN
    return UNKNOWN


def _compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = machine.evaluate(node.left, frame)
    outcome: Value = UNKNOWN
    for operator, other in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(other, frame)
        if isinstance(operator, (ast.In, ast.NotIn)):
            _contained(machine, right, left, other, frame)
        elif isinstance(operator, (ast.Is, ast.IsNot)):
            outcome = _identical(left, right, is_same=isinstance(operator, ast.Is))
        else:
            outcome = _compared(machine, operator, left, right, node, frame)
        left = right
    return outcome if len(node.ops) == 1 else UNKNOWN


def _contained(machine: Machine, value: Value, item: Value, node: ast.expr, frame: Frame) -> None:
    for member in each(value):
        if isinstance(member, QuerySet):
            orm.evaluated(member, "contains", node, frame)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            if machine.call_method(member, "__contains__", Arguments((item,)), frame, node) is None:
                elements_of(machine, member, node, frame)
        elif isinstance(member, (Generator, Instance)):
            elements_of(machine, member, node, frame)
        elements = member.elements if isinstance(member, Collection) else UNKNOWN
        if isinstance(member, TupleValue) and member.items:
            elements = join(*member.items)
        for held in each(elements):
            if isinstance(held, Instance) and isinstance(held.cls, ClassValue):
                machine.call_method(held, "__eq__", Arguments((item,)), frame, node)


def _identical(left: Value, right: Value, *, is_same: bool) -> Value:
    if right != NOTHING:
        return UNKNOWN
    members = list(each(left))
    if members == [NOTHING]:
        return Literal(is_same)
    if NOTHING not in members and not any(isinstance(member, Unknown) for member in members):
        return Literal(not is_same)
    return UNKNOWN


def _compared(
    machine: Machine, operator: ast.cmpop, left: Value, right: Value, node: ast.Compare, frame: Frame
) -> Value:
    if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(operator, (ast.Eq, ast.NotEq)):
        return Literal((left.value == right.value) is isinstance(operator, ast.Eq))
    method = _COMPARISONS[type(operator)]
    for member in each(left):
        if isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            found = machine.call_method(member, method, Arguments((right,)), frame, node)
            if found is None and isinstance(operator, ast.NotEq):
                machine.call_method(member, "__eq__", Arguments((right,)), frame, node)
    return UNKNOWN


def _conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    values: list[Value] = []
    before = dict(frame.scope.names)
    if known is not False:
        narrowed(machine, node.test, frame, holds=True)
        values.append(machine.evaluate(node.body, frame))
    frame.scope.names = dict(before)
    if known is not True:
        narrowed(machine, node.test, frame, holds=False)
        values.append(machine.evaluate(node.orelse, frame))
    frame.scope.names = before
    return join(*values)


def narrowed(machine: Machine, test: ast.expr, frame: Frame, *, holds: bool) -> None:
    """Bind names to what they may still be where a test holds, or does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        narrowed(machine, test.operand, frame, holds=not holds)
    elif isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is holds:
            for part in test.values:
                narrowed(machine, part, frame, holds=holds)
    elif isinstance(test, ast.Name):
        _keep(test.id, frame, lambda member: holds is not False or not isinstance(member, (ClassValue, Closure)), holds)
    elif isinstance(test, ast.NamedExpr):
        narrowed(machine, test.target, frame, holds=holds)
    elif (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Is, ast.IsNot))
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value is None
    ):
        target = test.left.target if isinstance(test.left, ast.NamedExpr) else test.left
        is_none = isinstance(test.ops[0], ast.Is) is holds
        if isinstance(target, ast.Name):
            _filter(target.id, frame, lambda member: isinstance(member, Unknown) or (member == NOTHING) is is_none)
    elif (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id == "isinstance"
        and len(test.args) == 2  # noqa: PLR2004 - isinstance(value, classes)
        and isinstance(test.args[0], ast.Name)
    ):
        _narrow_to_classes(machine, test.args[0].id, test.args[1], frame, holds=holds)


def _keep(name: str, frame: Frame, _: Callable[[Value], bool], holds: bool) -> None:  # noqa: FBT001
    if holds:
        _filter(name, frame, lambda member: member != NOTHING)


def _filter(name: str, frame: Frame, keeps: Callable[[Value], bool]) -> None:
    value = frame.scope.names.get(name)
    if value is not None:
        kept = [member for member in each(value) if keeps(member)]
        if len(kept) < len(list(each(value))):
            frame.scope.names[name] = join(*kept) if kept else UNKNOWN


def _narrow_to_classes(machine: Machine, name: str, node: ast.expr, frame: Frame, *, holds: bool) -> None:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    classes = [machine.evaluate(each_node, frame.aside()) for each_node in nodes]
    if not all(isinstance(cls, (ClassValue, External)) for cls in classes):
        return

    def is_one(member: Value) -> bool:
        return isinstance(member, Instance) and any(machine.is_derived(member.cls, cls, frame) for cls in classes)

    if not holds:
        _filter(name, frame, lambda member: not is_one(member))
        return
    value = frame.scope.find(name)
    if value is None:
        return
    kept = [member for member in each(value) if is_one(member)]
    if not kept:
        kept = [Instance(cls) for cls in classes if isinstance(cls, (ClassValue, External))]
    frame.scope.names[name] = join(*kept)


def _lambda(_: Machine, node: ast.Lambda, frame: Frame) -> Value:
    return Closure(frame.module, f"{_local_name(frame)}.<locals>.<lambda>", node, frame.scope, frame.owner)


def _local_name(frame: Frame) -> str:
    return frame.function.removeprefix(f"{frame.module.name}.")


def _tuple(machine: Machine, node: ast.Tuple | ast.List, frame: Frame) -> Value:
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


def _set(machine: Machine, node: ast.Set, frame: Frame) -> Value:
    items = [machine.evaluate(element, frame) for element in node.elts if not isinstance(element, ast.Starred)]
    return Collection("set", join(*items) if items else UNKNOWN)


def _dict(machine: Machine, node: ast.Dict, frame: Frame) -> Value:
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
    known = [value for value in values if not isinstance(value, Unknown)]
    return Collection("dict", TEXT if keys else UNKNOWN, join(*known) if known else UNKNOWN)


def _comprehension(machine: Machine, node: ast.ListComp | ast.SetComp | ast.DictComp, frame: Frame) -> Value:
    first = machine.evaluate(node.generators[0].iter, frame)
    inner = _inner(frame)
    element = _element(machine, node, first, inner, is_evaluated=True)
    _take(frame, inner)
    if isinstance(node, ast.DictComp):
        return Collection("dict", TEXT, element)
    return Collection("list", element)


def _inner(frame: Frame) -> Frame:
    inner = Frame(Scope(frame.module, frame.scope), frame.function, receiver=frame.receiver, owner=frame.owner)
    inner.stores = frame.stores
    return inner


def _take(frame: Frame, inner: Frame) -> None:
    frame.take_in(inner)
    for event in inner.events.values():
        frame.record(event)


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
    known = [member for member in found if not isinstance(member, Unknown)]
    return join(*known) if known else UNKNOWN


def _generator(machine: Machine, node: ast.GeneratorExp, frame: Frame) -> Value:
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


def _joined_text(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            methods = ("__repr__",) if part.conversion == ord("r") else ("__format__", "__str__", "__repr__")
            shown(machine, machine.evaluate(part.value, frame), part.value, frame, methods)
    return TEXT


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    index = UNKNOWN if isinstance(node.slice, ast.Slice) else machine.evaluate(node.slice, frame)
    return indexed(machine, value, index, node, frame)


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if isinstance(node.target, ast.Name):
        frame.scope.bind(node.target.id, value)
    return value


def _yield(machine: Machine, node: ast.Yield, frame: Frame) -> Value:
    frame.is_generator = True
    frame.yielded.append(NOTHING if node.value is None else machine.evaluate(node.value, frame))
    return UNKNOWN


def _yield_from(machine: Machine, node: ast.YieldFrom, frame: Frame) -> Value:
    frame.is_generator = True
    value = machine.evaluate(node.value, frame)
    frame.yielded.append(elements_of(machine, value, node.value, frame))
    return UNKNOWN


def _starred(machine: Machine, node: ast.Starred, frame: Frame) -> Value:
    return elements_of(machine, machine.evaluate(node.value, frame), node.value, frame)


_HANDLERS: dict[type[ast.AST], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _awaited,
    ast.BoolOp: _boolean,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _generator,
    ast.JoinedStr: _joined_text,
    ast.Subscript: _subscript,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Starred: _starred,
}
