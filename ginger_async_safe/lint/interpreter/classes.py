"""Classes of the project: their method resolution order, attributes, and attributes of their instances."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import Unknown, each, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.summaries import SummaryKind
from ginger_async_safe.lint.domain.values import (
    ClassValue,
    Closure,
    Collection,
    External,
    FunctionValue,
    Partial,
    QuerySet,
    TupleValue,
    TypeForm,
    shared,
)
from ginger_async_safe.lint.interpreter.decorators import apply_decorators, marked_with
from ginger_async_safe.lint.interpreter.finality import is_final
from ginger_async_safe.lint.interpreter.functions import attribute_assigned_by, is_shown
from ginger_async_safe.lint.interpreter.names import bound_value
from ginger_async_safe.lint.knowledge.rule_table import known_bases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.values import Instance
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.interpreter.program import Found, Order
    from ginger_async_safe.lint.source.symbols import Binding, Symbols

__all__ = [
    "adds_to",
    "assigned_attribute",
    "definition_of",
    "fields_of",
    "find",
    "has_base",
    "is_derived",
    "is_final_attribute",
    "is_helper",
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


def order_of(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> Order:
    """Return the method resolution order of a class."""
    return interpreter.classes.orders.of(cls, frame, _find_order, interpreter, cls)


def _find_order(interpreter: Interpreter, cls: ClassValue) -> tuple[Order, int]:
    frame = Frame(cls.scope or Scope(cls.module), cls.name)
    node = definition_of(interpreter, cls)
    bases: list[Order] = []
    for base in [] if node is None else node.bases:
        # Type arguments are left out: they may be forward references to this very class.
        generic = base.value if isinstance(base, ast.Subscript) else base
        found = interpreter.evaluate(generic, frame)
        if isinstance(found, (Collection, TupleValue)):  # it is an item of a container
            found = interpreter.evaluate(base, frame)
        for member in each(found):
            value: Value = member.origin if isinstance(member, TypeForm) else member  # an alias of a class
            if isinstance(value, ClassValue):
                bases.append(order_of(interpreter, value, frame))
            elif isinstance(value, Partial) and isinstance(value.positional[0], QuerySet):
                manager = value.positional[0]  # a manager's class that is made of a queryset's
                bases.append((External(f"{manager.framework}.db.models.manager.Manager"),))
                bases += [order_of(interpreter, each_class, frame) for each_class in manager.classes]
            elif isinstance(value, External) and value.name not in {"typing.Generic", "typing.Protocol", "object"}:
                bases.append(tuple(External(name) for name in known_bases(value.name)))
    return (cls, *_merged(bases)), frame.modules


def _merged(orders: list[Order]) -> list[ClassValue | External]:
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
) -> Found | None:
    """Return an attribute of a class, and the class that defines it.

    Args:
        interpreter: The interpreter.
        cls: The class.
        name: The name.
        frame: The current frame, which then depends on the classes' modules.
        after: Search only the classes after this one in the order, as ``super()`` does.
    """
    classes = interpreter.classes
    known = classes.found.get((cls, name, after))
    if known is None:
        inner = Frame(Scope(cls.module), cls.name)
        recursion, part = interpreter.recursion, object()  # one of its own: it may be searched for inside itself
        recursion.begin_part(part)
        try:
            known = _find(interpreter, cls, name, inner, after), inner.modules
        finally:
            depends_on = recursion.end_part()
        if not depends_on and classes.orders.is_at_rest:
            classes.found[cls, name, after] = known
    frame.depend_on(known[1])
    return known[0]


def _find(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame, after: ClassValue | None) -> Found | None:
    order = order_of(interpreter, cls, frame)
    if after is not None:
        order = order[order.index(after) + 1 :] if after in order else ()
    for base in order:
        if isinstance(base, External):
            if interpreter.rules.has_row(f"{base.name}.{name}") or _is_summarised(interpreter, order, base, name):
                return External(f"{base.name}.{name}"), base
            continue
        value = _own(interpreter, base, name, frame)
        if value is not None:
            return value, base
    return None


def _is_summarised(interpreter: Interpreter, order: Order, base: External, name: str) -> bool:
    """Return whether an installed package's class has a method that blocks in a class of the project derived from it too.

    It may not where that class overrides a method that it calls.
    """
    summary = interpreter.summary(f"{base.name}.{name}")
    if summary is None or not summary.chain or summary.kind is not SummaryKind.CALLABLE:
        return False
    called = {each_call.rpartition(".")[2] for each_call in summary.chain[1:]}
    for cls in order:
        symbols = symbols_of(interpreter, cls) if isinstance(cls, ClassValue) else None
        if symbols is not None and not called.isdisjoint(symbols.bindings):
            return False
    return True


def _own(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> Value | None:
    """Return what a class itself binds a name to, or ``None`` where it does not bind it."""
    return interpreter.classes.members.of((cls, name), frame, _find_own, interpreter, cls, name)


def _find_own(interpreter: Interpreter, cls: ClassValue, name: str) -> tuple[Value | None, int]:
    symbols = symbols_of(interpreter, cls)
    bindings = [] if symbols is None else [each for each in symbols.bindings.get(name, []) if not is_helper(each)]
    if not bindings:
        return None, cls.module.bit
    frame = _frame_of(interpreter, cls)
    value = _bound(interpreter, cls, bindings, frame)
    fix = interpreter.marks.fix_of_guarded(cls.name, name)
    return value if fix is None else marked_with(value, fix), frame.modules


def _frame_of(interpreter: Interpreter, cls: ClassValue) -> Frame:
    """Return a frame for the body of a class."""
    scope = _ClassScope(interpreter, cls)
    frame = scope.frame = Frame(scope, cls.name, owner=cls)
    return frame


def _bound(interpreter: Interpreter, cls: ClassValue, bindings: list[Binding], frame: Frame) -> Value:
    values: list[Value] = []
    for binding in reversed(bindings):
        values.append(bound_value(interpreter, binding, frame, f"{cls.qualname}.", cls))
        if binding.is_certain:
            break
    return join_known(values)


class _ClassScope(Scope):
    """The names in a class body: those of the class come first.

    Attributes:
        frame: The frame of the body, which depends on what the names do.
    """

    __slots__ = ("_cls", "_interpreter", "frame")
    frame: Frame

    def __init__(self, interpreter: Interpreter, cls: ClassValue) -> None:
        super().__init__(cls.module, cls.scope)
        self._interpreter = interpreter
        self._cls = cls

    def find(self, name: str) -> Value | None:
        symbols = symbols_of(self._interpreter, self._cls)
        if symbols is not None and name in symbols.bindings:
            is_known = (self._cls, name) in self._interpreter.classes.members
            value = _own(self._interpreter, self._cls, name, self.frame)
            if not is_known or (value is not None and not isinstance(value, Unknown)):
                return value
        return super().find(name)


def is_helper(binding: Binding) -> bool:
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
                        inner = _frame_of(interpreter, base)
                        setter = apply_decorators(interpreter, _method_of(base, node), node, inner)
                        frame.depend_on(inner.modules)
                        return setter
    return None


def fields_of(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> list[str]:
    """Return the annotated names of a class, those of its bases first, in the order of a dataclass's constructor."""
    order = order_of(interpreter, cls, frame)
    if len(order) == 1:  # it has no bases, or they are not known yet
        return _annotated_in(interpreter, order)
    return interpreter.classes.fields.of(cls, frame, _find_fields, interpreter, cls, order)


def _find_fields(interpreter: Interpreter, cls: ClassValue, order: Order) -> tuple[list[str], int]:
    return _annotated_in(interpreter, order), cls.module.bit


def _annotated_in(interpreter: Interpreter, order: Order) -> list[str]:
    names: dict[str, None] = {}
    for base in reversed(order):
        symbols = symbols_of(interpreter, base) if isinstance(base, ClassValue) else None
        for name, bindings in ({} if symbols is None else symbols.bindings).items():
            if any(binding.annotation is not None for binding in bindings):
                names[name] = None
    return list(names)


def adds_to(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> bool:
    """Return whether a method of a class may change what an attribute holds: it calls a method of that, or sets an item."""
    for base in order_of(interpreter, cls, frame):
        node = definition_of(interpreter, base) if isinstance(base, ClassValue) else None
        for part in () if node is None else ast.walk(node):
            if isinstance(part, ast.AugAssign):
                inner: ast.expr = part.target
            elif isinstance(part, (ast.Attribute, ast.Subscript)):
                inner = part.value
            else:
                continue
            if isinstance(inner, ast.Attribute) and inner.attr == name:
                return True
    return False


def is_final_attribute(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> bool:
    """Return whether a class, or one of its bases, annotates a name as final."""
    for base in order_of(interpreter, cls, frame):
        symbols = symbols_of(interpreter, base) if isinstance(base, ClassValue) else None
        for binding in [] if symbols is None else symbols.bindings.get(name, []):
            if binding.annotation is not None and is_final(
                interpreter, binding.annotation, Frame(Scope(cls.module), cls.name)
            ):
                return True
    return False


def assigned_attribute(interpreter: Interpreter, instance: Instance, name: str, frame: Frame) -> Value | None:
    """Return what the methods of a class assign to an attribute of an instance, or ``None`` where none does."""
    cls = instance.cls
    if not isinstance(cls, ClassValue):
        return None
    return interpreter.classes.attributes.of(
        (instance, name), frame, _find_assigned, interpreter, instance, cls, name, is_enough=is_shown
    )


def _find_assigned(
    interpreter: Interpreter, instance: Instance, cls: ClassValue, name: str
) -> tuple[Value | None, int]:
    frame = Frame(Scope(cls.module), cls.name)
    values: list[Value] = []
    is_assigned = False
    for base in order_of(interpreter, cls, frame):
        if isinstance(base, ClassValue):
            for method in _assigning_methods(interpreter, base, frame).get(name, ()):
                is_assigned = True
                value = attribute_assigned_by(interpreter, method, _given(instance, method), instance, name, frame)
                if value is not None:
                    values.append(shared(value))
    return join_known(values) if is_assigned else None, frame.modules


def _given(instance: Instance, method: FunctionValue | Closure) -> Arguments:
    if method.qualname.endswith(".__init__"):
        return Arguments(named=instance.arguments, is_complete=False)
    return Arguments(is_complete=False)


def _method_of(cls: ClassValue, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionValue | Closure:
    """Return a method of a class, by its definition."""
    name = f"{cls.qualname}.{node.name}"
    if cls.scope is not None:
        return Closure(cls.module, name, node, cls.scope, cls)
    return FunctionValue(cls.module, name, node.lineno, cls)


def _assigning_methods(
    interpreter: Interpreter, cls: ClassValue, frame: Frame
) -> Mapping[str, list[FunctionValue | Closure]]:
    """Return the methods of a class that assign to attributes of their instance, by attribute."""
    return interpreter.classes.assigning_methods.of(cls, frame, _find_assigning_methods, interpreter, cls)


def _find_assigning_methods(
    interpreter: Interpreter, cls: ClassValue
) -> tuple[dict[str, list[FunctionValue | Closure]], int]:
    found: dict[str, list[FunctionValue | Closure]] = {}
    node = definition_of(interpreter, cls)
    for method in [] if node is None else node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = next(iter([*method.args.posonlyargs, *method.args.args]), None)
        if first is None:
            continue
        function = _method_of(cls, method)
        for name in _assigned_in(method, first.arg):
            found.setdefault(name, []).append(function)
    return found, cls.module.bit


def _assigned_in(method: ast.AST, receiver: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == receiver
    }
