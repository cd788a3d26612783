"""The classes that are read: their order, their attributes, and those of their instances."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.decorating import decorated
from ginger_async_safe.lint.frames import Arguments, Frame, Scope
from ginger_async_safe.lint.knowledge import known_bases
from ginger_async_safe.lint.names import bound_value
from ginger_async_safe.lint.values import (
    UNKNOWN,
    ClassValue,
    Closure,
    External,
    FunctionValue,
    Partial,
    QuerySet,
    Unknown,
    each,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.symbols import Binding, Symbols
    from ginger_async_safe.lint.values import (
        Instance,
        Value,
    )

__all__ = [
    "definition_of",
    "fields_of",
    "find",
    "has_base",
    "method_of",
    "order_of",
    "setter_of",
    "stored",
    "symbols_of",
]

_HELPERS = frozenset({"overload", "setter", "deleter"})


def definition_of(machine: Machine, cls: ClassValue) -> ast.ClassDef | None:
    """Return the definition of a class."""
    if cls.node is not None:
        return cls.node
    node = machine.project.definition(cls.module, cls.qualname)
    return node if isinstance(node, ast.ClassDef) else None


def symbols_of(machine: Machine, cls: ClassValue) -> Symbols | None:
    """Return the names that a class binds."""
    node = definition_of(machine, cls)
    return None if node is None else machine.project.symbols_of_class(cls.module, cls.qualname, node)


def order_of(machine: Machine, cls: ClassValue, frame: Frame) -> tuple[ClassValue | External, ...]:
    """Return a class and those that it has its attributes from, in their order."""
    known = machine.orders.get(cls)
    if known is None:
        machine.orders[cls] = (cls,), cls.module.bit  # for classes that come to themselves
        inner = Frame(cls.scope or Scope(cls.module), cls.name)
        node = definition_of(machine, cls)
        bases: list[tuple[ClassValue | External, ...]] = []
        for base in [] if node is None else node.bases:
            for value in each(machine.evaluate(base, inner)):
                if isinstance(value, ClassValue):
                    bases.append(order_of(machine, value, inner))
                elif isinstance(value, Partial) and isinstance(value.positional[0], QuerySet):
                    manager = value.positional[0]  # a manager's class that is made of a queryset's
                    bases.append((External(f"{manager.framework}.db.models.manager.Manager"),))
                    bases += [order_of(machine, each_class, inner) for each_class in manager.classes]
                elif isinstance(value, External) and value.name not in {"typing.Generic", "typing.Protocol", "object"}:
                    bases.append(tuple(External(name) for name in known_bases(value.name)))
        known = machine.orders[cls] = (cls, *_merged(bases)), inner.modules
    frame.modules |= known[1]
    return known[0]


def _merged(orders: list[tuple[ClassValue | External, ...]]) -> list[ClassValue | External]:
    """Merge the orders of the bases: each class stands before its own bases (C3)."""
    rest = [list(order) for order in orders] + [[order[0] for order in orders]]
    merged: list[ClassValue | External] = []
    while any(rest):
        rest = [order for order in rest if order]
        for order in rest:
            if not any(order[0] in other[1:] for other in rest):
                first = order[0]
                break
        else:
            first = rest[0][0]  # an order that Python refuses
        merged.append(first)
        rest = [[each for each in order if each != first] for order in rest]
    return merged


def has_base(machine: Machine, cls: ClassValue, names: frozenset[str] | set[str], frame: Frame) -> bool:
    """Tell whether a class is, or is derived from, one of certain classes that are not read."""
    return any(isinstance(base, External) and base.name in names for base in order_of(machine, cls, frame))


def find(
    machine: Machine, cls: ClassValue, name: str, frame: Frame, after: ClassValue | None = None
) -> tuple[Value, ClassValue | External] | None:
    """Return what a class has by a name, and the class that it has it from.

    Args:
        machine: The machine.
        cls: The class.
        name: The name.
        frame: The frame that asks.
        after: Where it is given, only the classes after this one are asked, as ``super()`` does.
    """
    order = order_of(machine, cls, frame)
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else ()
    for base in order:
        if isinstance(base, External):
            if machine.rules.tells(f"{base.name}.{name}"):
                return External(f"{base.name}.{name}"), base
            continue
        value = _own(machine, base, name, frame)
        if value is not None:
            return value, base
    return None


def _own(machine: Machine, cls: ClassValue, name: str, frame: Frame) -> Value | None:
    key = (cls, name)
    known = machine.members.get(key)
    if known is None:
        symbols = symbols_of(machine, cls)
        bindings = [] if symbols is None else [each for each in symbols.bindings.get(name, []) if not _is_helper(each)]
        inner = Frame(_class_scope(machine, cls), cls.name, owner=cls)
        value: Value | None = None
        if bindings:
            machine.members[key] = UNKNOWN, cls.module.bit  # for what comes to itself
            value = _bound(machine, cls, bindings, inner)
            for mend in machine.guarded_methods(cls.name, name):
                value = machine.marked_as(value, mend)
        known = machine.members[key] = value, inner.modules
    frame.modules |= known[1]
    return known[0]


def _bound(machine: Machine, cls: ClassValue, bindings: list[Binding], frame: Frame) -> Value:
    values: list[Value] = []
    for binding in reversed(bindings):
        values.append(bound_value(machine, binding, frame, f"{cls.qualname}.", cls))
        if binding.is_certain:
            break
    return join_known(values)


class _ClassScope(Scope):
    """The names of a class while its body is read: what it binds itself comes first."""

    __slots__ = ("_cls", "_machine")

    def __init__(self, machine: Machine, cls: ClassValue) -> None:
        super().__init__(cls.module, cls.scope)
        self._machine = machine
        self._cls = cls

    def find(self, name: str) -> Value | None:
        symbols = symbols_of(self._machine, self._cls)
        if symbols is not None and name in symbols.bindings and (self._cls, name) not in self._machine.members:
            return _own(self._machine, self._cls, name, Frame(Scope(self.module), self._cls.name))
        known = self._machine.members.get((self._cls, name))
        if known is not None and known[0] is not None and not isinstance(known[0], Unknown):
            return known[0]
        return super().find(name)


def _class_scope(machine: Machine, cls: ClassValue) -> Scope:
    return _ClassScope(machine, cls)


def _is_helper(binding: Binding) -> bool:
    """Tell whether a definition is one of several of a name that is not the one that is called."""
    if not isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    for decorator in binding.node.decorator_list:
        name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        if name in _HELPERS:
            return True
    return False


def setter_of(machine: Machine, cls: ClassValue, name: str, frame: Frame) -> Value | None:
    """Return what sets a property of a class, or ``None`` where that is no property, or cannot be set."""
    for base in order_of(machine, cls, frame):
        symbols = symbols_of(machine, base) if isinstance(base, ClassValue) else None
        for binding in [] if symbols is None else symbols.bindings.get(name, []):
            node = binding.node
            if isinstance(node, ast.FunctionDef) and isinstance(base, ClassValue):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Attribute) and decorator.attr == "setter":
                        return decorated(
                            machine, method_of(base, node), node, Frame(_class_scope(machine, base), base.name)
                        )
    return None


def fields_of(machine: Machine, cls: ClassValue, frame: Frame) -> list[str]:
    """Return the names that a class annotates, those of its bases first, as generated constructors take them."""
    order = order_of(machine, cls, frame)
    if cls in machine.fields:
        return machine.fields[cls]
    names: dict[str, None] = {}
    for base in reversed(order):
        symbols = symbols_of(machine, base) if isinstance(base, ClassValue) else None
        for name, bindings in ({} if symbols is None else symbols.bindings).items():
            if any(binding.annotation is not None for binding in bindings):
                names[name] = None
    fields = list(names)
    if len(order) > 1:  # else it may be asked for while its bases are looked for
        machine.fields[cls] = fields
    return fields


def stored(machine: Machine, instance: Instance, name: str, frame: Frame) -> Value | None:
    """Return what the methods of a class store in an attribute of an instance, or ``None`` where none does."""
    key = (instance, name)
    known = machine.stored.get(key)
    if known is None:
        cls = instance.cls
        bits = cls.module.bit if isinstance(cls, ClassValue) else 0
        machine.stored[key] = UNKNOWN, bits  # for what comes to itself
        values: list[Value] = []
        is_stored = False
        for base in order_of(machine, cls, frame) if isinstance(cls, ClassValue) else ():
            if isinstance(base, ClassValue):
                for method in _storing(machine, base).get(name, ()):
                    is_stored = True
                    stores, modules = machine.stores_of(method, instance, _given(instance, method))
                    bits |= modules
                    if name in stores:
                        values.append(stores[name])
        known = machine.stored[key] = join_known(values) if is_stored else None, bits
    frame.modules |= known[1]
    return known[0]


def _given(instance: Instance, method: FunctionValue | Closure) -> Arguments:
    if method.qualname.endswith(".__init__"):
        given = tuple((name, value) for name, value in instance.arguments if not name.startswith(("<", "=")))
        return Arguments(named=given, is_complete=False)
    return Arguments(is_complete=False)


def method_of(cls: ClassValue, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionValue | Closure:
    """Return a method of a class, by its definition."""
    name = f"{cls.qualname}.{node.name}"
    if cls.scope is not None:
        return Closure(cls.module, name, node, cls.scope, cls)
    return FunctionValue(cls.module, name, node.lineno, cls)


def _storing(machine: Machine, cls: ClassValue) -> dict[str, list[FunctionValue | Closure]]:
    """Return the methods of a class that store attributes of their instance, by the attribute."""
    known = machine.storing.get(cls)
    if known is None:
        known = machine.storing[cls] = {}
        node = definition_of(machine, cls)
        for method in [] if node is None else node.body:
            if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            first = next(iter([*method.args.posonlyargs, *method.args.args]), None)
            if first is None:
                continue
            function = method_of(cls, method)
            for name in _stored_in(method, first.arg):
                known.setdefault(name, []).append(function)
    return known


def _stored_in(method: ast.AST, receiver: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == receiver
    }
