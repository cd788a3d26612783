"""Classes of the project: their method resolution order, attributes, and attributes of their instances."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.values import ClassValue, Closure, External, FunctionValue, Partial, QuerySet
from ginger_async_safe.lint.interpreter.decorators import apply_decorators
from ginger_async_safe.lint.interpreter.functions import attributes_assigned_by
from ginger_async_safe.lint.interpreter.names import bound_value
from ginger_async_safe.lint.knowledge.rule_table import known_bases

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.values import Instance
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.symbols import Binding, Symbols

__all__ = [
    "assigned_attribute",
    "definition_of",
    "fields_of",
    "find",
    "has_base",
    "is_derived",
    "method_of",
    "order_of",
    "setter_of",
    "symbols_of",
]

_HELPERS = frozenset({"overload", "setter", "deleter"})


def definition_of(interpreter: Interpreter, cls: ClassValue) -> ast.ClassDef | None:
    """Return the definition of a class."""
    if cls.node is not None:
        return cls.node
    node = interpreter.project.definition(cls.module, cls.qualname)
    return node if isinstance(node, ast.ClassDef) else None


def symbols_of(interpreter: Interpreter, cls: ClassValue) -> Symbols | None:
    """Return the names that a class binds."""
    node = definition_of(interpreter, cls)
    return None if node is None else interpreter.project.symbols_of_class(cls.module, cls.qualname, node)


def order_of(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> tuple[ClassValue | External, ...]:
    """Return the method resolution order of a class."""
    known = interpreter.orders.get(cls)
    if known is None:
        interpreter.orders[cls] = (cls,), cls.module.bit  # for classes that refer to themselves
        inner = Frame(cls.scope or Scope(cls.module), cls.name)
        node = definition_of(interpreter, cls)
        bases: list[tuple[ClassValue | External, ...]] = []
        for base in [] if node is None else node.bases:
            for value in each(interpreter.evaluate(base, inner)):
                if isinstance(value, ClassValue):
                    bases.append(order_of(interpreter, value, inner))
                elif isinstance(value, Partial) and isinstance(value.positional[0], QuerySet):
                    manager = value.positional[0]  # a manager's class that is made of a queryset's
                    bases.append((External(f"{manager.framework}.db.models.manager.Manager"),))
                    bases += [order_of(interpreter, each_class, inner) for each_class in manager.classes]
                elif isinstance(value, External) and value.name not in {"typing.Generic", "typing.Protocol", "object"}:
                    bases.append(tuple(External(name) for name in known_bases(value.name)))
        known = interpreter.orders[cls] = (cls, *_merged(bases)), inner.modules
    frame.modules |= known[1]
    return known[0]


def _merged(orders: list[tuple[ClassValue | External, ...]]) -> list[ClassValue | External]:
    """Merge the orders of the bases: each class comes before its own bases (C3)."""
    rest = [list(order) for order in orders] + [[order[0] for order in orders]]
    merged: list[ClassValue | External] = []
    while any(rest):
        rest = [order for order in rest if order]
        for order in rest:
            if not any(order[0] in other[1:] for other in rest):
                first = order[0]
                break
        else:
            first = rest[0][0]  # an inconsistent order, which Python refuses
        merged.append(first)
        rest = [[each for each in order if each != first] for order in rest]
    return merged


def has_base(interpreter: Interpreter, cls: ClassValue, names: frozenset[str] | set[str], frame: Frame) -> bool:
    """Return whether a class is, or is derived from, one of certain outside classes."""
    return any(isinstance(base, External) and base.name in names for base in order_of(interpreter, cls, frame))


def is_derived(interpreter: Interpreter, cls: Value, base: Value, frame: Frame) -> bool:
    """Return whether a class is, or is derived from, another."""
    if cls == base:
        return True
    if isinstance(cls, ClassValue):
        return base in order_of(interpreter, cls, frame)
    return isinstance(cls, External) and isinstance(base, External) and base.name in known_bases(cls.name)


def find(
    interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame, after: ClassValue | None = None
) -> tuple[Value, ClassValue | External] | None:
    """Return an attribute of a class, and the class that defines it.

    Args:
        interpreter: The interpreter.
        cls: The class.
        name: The name.
        frame: The current frame, which then depends on the classes' modules.
        after: Search only the classes after this one in the order, as ``super()`` does.
    """
    order = order_of(interpreter, cls, frame)
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else ()
    for base in order:
        if isinstance(base, External):
            if interpreter.rules.has_row(f"{base.name}.{name}"):
                return External(f"{base.name}.{name}"), base
            continue
        value = _own(interpreter, base, name, frame)
        if value is not None:
            return value, base
    return None


def _own(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> Value | None:
    key = (cls, name)
    known = interpreter.members.get(key)
    if known is None:
        symbols = symbols_of(interpreter, cls)
        bindings = [] if symbols is None else [each for each in symbols.bindings.get(name, []) if not _is_helper(each)]
        inner = Frame(_class_scope(interpreter, cls), cls.name, owner=cls)
        value: Value | None = None
        if bindings:
            interpreter.members[key] = UNKNOWN, cls.module.bit  # for what refers to itself
            value = _bound(interpreter, cls, bindings, inner)
            for fix in interpreter.guarded_methods(cls.name, name):
                value = interpreter.marked_as(value, fix)
        known = interpreter.members[key] = value, inner.modules
    frame.modules |= known[1]
    return known[0]


def _bound(interpreter: Interpreter, cls: ClassValue, bindings: list[Binding], frame: Frame) -> Value:
    values: list[Value] = []
    for binding in reversed(bindings):
        values.append(bound_value(interpreter, binding, frame, f"{cls.qualname}.", cls))
        if binding.is_certain:
            break
    return join_known(values)


class _ClassScope(Scope):
    """The names in a class body: those of the class come first."""

    __slots__ = ("_cls", "_interpreter")

    def __init__(self, interpreter: Interpreter, cls: ClassValue) -> None:
        super().__init__(cls.module, cls.scope)
        self._interpreter = interpreter
        self._cls = cls

    def find(self, name: str) -> Value | None:
        symbols = symbols_of(self._interpreter, self._cls)
        if symbols is not None and name in symbols.bindings and (self._cls, name) not in self._interpreter.members:
            return _own(self._interpreter, self._cls, name, Frame(Scope(self.module), self._cls.name))
        known = self._interpreter.members.get((self._cls, name))
        if known is not None and known[0] is not None and not isinstance(known[0], Unknown):
            return known[0]
        return super().find(name)


def _class_scope(interpreter: Interpreter, cls: ClassValue) -> Scope:
    return _ClassScope(interpreter, cls)


def _is_helper(binding: Binding) -> bool:
    """Return whether a definition is an overload, setter or deleter, which a call of the name does not reach."""
    if not isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    for decorator in binding.node.decorator_list:
        name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        if name in _HELPERS:
            return True
    return False


def setter_of(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> Value | None:
    """Return the setter of a property of a class, or ``None`` where it has none."""
    for base in order_of(interpreter, cls, frame):
        symbols = symbols_of(interpreter, base) if isinstance(base, ClassValue) else None
        for binding in [] if symbols is None else symbols.bindings.get(name, []):
            node = binding.node
            if isinstance(node, ast.FunctionDef) and isinstance(base, ClassValue):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Attribute) and decorator.attr == "setter":
                        return apply_decorators(
                            interpreter, method_of(base, node), node, Frame(_class_scope(interpreter, base), base.name)
                        )
    return None


def fields_of(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> list[str]:
    """Return the annotated names of a class, those of its bases first, in the order of a dataclass's constructor."""
    order = order_of(interpreter, cls, frame)
    if cls in interpreter.fields:
        return interpreter.fields[cls]
    names: dict[str, None] = {}
    for base in reversed(order):
        symbols = symbols_of(interpreter, base) if isinstance(base, ClassValue) else None
        for name, bindings in ({} if symbols is None else symbols.bindings).items():
            if any(binding.annotation is not None for binding in bindings):
                names[name] = None
    fields = list(names)
    if len(order) > 1:  # else its bases may not be known yet
        interpreter.fields[cls] = fields
    return fields


def assigned_attribute(interpreter: Interpreter, instance: Instance, name: str, frame: Frame) -> Value | None:
    """Return what the methods of a class assign to an attribute of an instance, or ``None`` where none does."""
    key = (instance, name)
    known = interpreter.instance_attributes.get(key)
    if known is None:
        cls = instance.cls
        bits = cls.module.bit if isinstance(cls, ClassValue) else 0
        interpreter.instance_attributes[key] = UNKNOWN, bits  # for what refers to itself
        values: list[Value] = []
        is_assigned = False
        for base in order_of(interpreter, cls, frame) if isinstance(cls, ClassValue) else ():
            if isinstance(base, ClassValue):
                for method in _assigning_methods(interpreter, base).get(name, ()):
                    is_assigned = True
                    stores, modules = attributes_assigned_by(interpreter, method, instance, _given(instance, method))
                    bits |= modules
                    if name in stores:
                        values.append(stores[name])
        known = interpreter.instance_attributes[key] = join_known(values) if is_assigned else None, bits
    frame.modules |= known[1]
    return known[0]


def _given(instance: Instance, method: FunctionValue | Closure) -> Arguments:
    if method.qualname.endswith(".__init__"):
        return Arguments(named=instance.arguments, is_complete=False)
    return Arguments(is_complete=False)


def method_of(cls: ClassValue, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionValue | Closure:
    """Return a method of a class, by its definition."""
    name = f"{cls.qualname}.{node.name}"
    if cls.scope is not None:
        return Closure(cls.module, name, node, cls.scope, cls)
    return FunctionValue(cls.module, name, node.lineno, cls)


def _assigning_methods(interpreter: Interpreter, cls: ClassValue) -> dict[str, list[FunctionValue | Closure]]:
    """Return the methods of a class that assign to attributes of their instance, by attribute."""
    known = interpreter.assigning_methods.get(cls)
    if known is None:
        known = interpreter.assigning_methods[cls] = {}
        node = definition_of(interpreter, cls)
        for method in [] if node is None else node.body:
            if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            first = next(iter([*method.args.posonlyargs, *method.args.args]), None)
            if first is None:
                continue
            function = method_of(cls, method)
            for name in _assigned_in(method, first.arg):
                known.setdefault(name, []).append(function)
    return known


def _assigned_in(method: ast.AST, receiver: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == receiver
    }
