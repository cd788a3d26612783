"""The models that are read: their managers, their fields, and the relations that others have to them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.classes import definition_of, find, order_of, symbols_of
from ginger_async_safe.lint.frames import Frame, Scope
from ginger_async_safe.lint.knowledge.orm import framework_of
from ginger_async_safe.lint.values import UNKNOWN, ClassValue, External, Instance, Literal, QuerySet, each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["Relation", "attribute_of_instance", "framework_of_model", "manager_of", "queryset_class_of"]

_FIELDS = {"ForeignKey": "one", "OneToOneField": "one", "ManyToManyField": "many", "GenericForeignKey": "one"}
_MANAGERS = frozenset({"_default_manager", "_base_manager"})


class Relation(NamedTuple):
    """A relation of a model to another.

    Attributes:
        kind: ``"one"`` for one instance, ``"many"`` for a manager of many.
        target: The other model, where it can be told.
        field: The field by which the other model knows this one, if it is the other's.
    """

    kind: str
    target: Value
    field: str = ""


def framework_of_model(machine: Machine, cls: Value, frame: Frame) -> str | None:
    """Return the framework that a class is a model of, or ``None`` where it is no model."""
    if isinstance(cls, External):
        return framework_of(cls.name) if orm.is_model_name(cls.name) else None
    if not isinstance(cls, ClassValue):
        return None
    return _framework(machine, cls, "Model", frame)


def _framework(machine: Machine, cls: ClassValue, kind: str, frame: Frame) -> str | None:
    order = order_of(machine, cls, frame)
    if len(order) == 1:  # it has no bases, or is asked while they are looked for
        return None
    key = (cls, kind)
    if key not in machine.frameworks:
        machine.frameworks[key] = next(filter(None, (_framework_of_base(base, kind) for base in order)), None)
    return machine.frameworks[key]


def _framework_of_base(base: ClassValue | External, kind: str) -> str | None:
    if not isinstance(base, External):
        return None
    found = orm.framework_of_base(base.name, kind)
    return framework_of(base.name) if found is None and kind == "Model" and orm.is_model_name(base.name) else found


def queryset_class_of(machine: Machine, cls: ClassValue, frame: Frame) -> tuple[str, str] | None:
    """Return the framework and kind of a class of querysets or managers, or ``None`` where it is neither."""
    for kind, name in (("manager", "Manager"), ("queryset", "QuerySet")):
        framework = _framework(machine, cls, name, frame)
        if framework is not None:
            return framework, kind
    return None


def manager_of(machine: Machine, model: ClassValue | External, name: str, frame: Frame) -> Value | None:
    """Return the manager that a model has by a name, or ``None`` where it has none."""
    framework = framework_of_model(machine, model, frame)
    if framework is None:
        return None
    usual = QuerySet(framework, model, "manager")
    if isinstance(model, External):
        return usual if name == "objects" else None
    found = find(machine, model, name, frame)
    if found is not None:
        for value in each(found[0]):
            if isinstance(value, QuerySet):
                return QuerySet(framework, model, "manager", classes=value.classes)
        return None
    return usual if name == "objects" or name in _MANAGERS else None


def attribute_of_instance(
    machine: Machine, instance: Instance, name: str, node: ast.expr, frame: Frame
) -> Value | None:
    """Return what an instance of a model has by a name of a relation, or ``None`` where it is none."""
    framework = framework_of_model(machine, instance.cls, frame)
    if framework is None or not isinstance(instance.cls, ClassValue):
        return None
    relation = _forward(machine, instance.cls, name, frame)
    if relation is None:
        relation = _backward(machine, instance.cls, frame).get(name)
    if relation is None:
        return None
    is_there = instance.loaded is not None and name in instance.loaded
    below = frozenset(
        each.partition("__")[2] for each in instance.loaded or () if each.startswith(f"{name}__") or each == name
    ) - {""}
    below |= {relation.field} - {""}  # what others have of this one, they know to be of this one
    if relation.kind == "many":
        classes = _classes_of_default(machine, relation.target, frame)
        return QuerySet(
            framework, relation.target, "manager", classes=classes, loaded=below, evaluated=is_there, by_relation=name
        )
    if not any(given == name for given, _ in instance.arguments) and not _is_made_here(instance):
        orm.relation(instance, name, node, frame, framework)
    if isinstance(relation.target, (ClassValue, External)):
        return Instance(relation.target, loaded=below)
    return UNKNOWN


def _is_made_here(instance: Instance) -> bool:
    """Tell whether an instance was made by its class, and not by a query."""
    return any(name == "<made>" for name, _ in instance.arguments)


def _classes_of_default(machine: Machine, model: Value, frame: Frame) -> tuple[ClassValue, ...]:
    if isinstance(model, ClassValue):
        manager = manager_of(machine, model, "objects", frame)
        if isinstance(manager, QuerySet):
            return manager.classes
    return ()


def _forward(machine: Machine, model: ClassValue, name: str, frame: Frame) -> Relation | None:
    for base in order_of(machine, model, frame):
        if isinstance(base, ClassValue):
            symbols = symbols_of(machine, base)
            for binding in reversed([] if symbols is None else symbols.bindings.get(name, [])):
                if isinstance(binding.node, ast.Call):
                    found = _field(machine, base, binding.node, frame)
                    return None if found is None else Relation(found[0], _target(machine, found[1], base, frame))
                return None
    return None


def _field(machine: Machine, model: ClassValue, node: ast.Call, frame: Frame) -> tuple[str, ast.expr | None] | None:
    """Return the kind of relation that a field is, and the expression of its target; ``None`` for other fields."""
    inner = Frame(Scope(model.module), model.name)
    for value in each(machine.evaluate(node.func, inner)):
        frame.modules |= inner.modules
        if isinstance(value, ClassValue):  # a field that the project derives from one of them
            bases = [base.name for base in order_of(machine, value, frame) if isinstance(base, External)]
        else:
            bases = [value.name] if isinstance(value, External) else []
        for name in bases:
            kind = _FIELDS.get(name.rpartition(".")[2])
            if kind is not None and framework_of(name) is not None:
                target = (
                    node.args[0]
                    if node.args
                    else next((each.value for each in node.keywords if each.arg == "to"), None)
                )
                return kind, target
    return None


def _target(machine: Machine, node: ast.expr | None, model: ClassValue, frame: Frame) -> Value:
    if node is None:
        return UNKNOWN
    inner = Frame(Scope(model.module), model.name)
    value = machine.evaluate(node, inner)
    frame.modules |= inner.modules
    for member in each(value):
        if isinstance(member, ClassValue):
            return member
        if isinstance(member, External) and orm.is_model_name(member.name):
            return member
        if isinstance(member, Literal) and isinstance(member.value, str):
            return _named(machine, member.value, model)
    return UNKNOWN


def _named(machine: Machine, name: str, model: ClassValue) -> Value:
    """Return the model of a name, as fields say it: ``"self"``, ``"Order"`` or ``"shop.Order"``."""
    if name == "self":
        return model
    app, _, short = name.rpartition(".")
    if not app and machine.project.definition(model.module, short) is not None:
        return ClassValue(model.module, short)
    candidates = machine.models_named(short)
    if app:
        candidates = [each for each in candidates if app in each.module.name.split(".")] or candidates
    return candidates[0] if len(candidates) == 1 else UNKNOWN


def _backward(machine: Machine, model: ClassValue, frame: Frame) -> dict[str, Relation]:
    if machine.relations is None:
        machine.relations = {}
        for source in machine.models_with_relations():
            for name, binding in _calls_of(machine, source):
                found = _field(machine, source, binding, frame)
                if found is None:
                    continue
                target = _target(machine, found[1], source, frame)
                if isinstance(target, ClassValue):
                    accessor, kind = _accessor(machine, source, binding, found[0])
                    if accessor:
                        machine.relations.setdefault(target, {})[accessor] = Relation(kind, source, name)
    found_all: dict[str, Relation] = {}
    for base in reversed(order_of(machine, model, frame)):
        if isinstance(base, ClassValue):
            found_all |= machine.relations.get(base, {})
    return found_all


def _calls_of(machine: Machine, model: ClassValue) -> Iterator[tuple[str, ast.Call]]:
    symbols = symbols_of(machine, model)
    for name, bindings in ({} if symbols is None else symbols.bindings).items():
        for binding in bindings:
            if isinstance(binding.node, ast.Call):
                yield name, binding.node


def _default_related_name(machine: Machine, source: ClassValue, own: str) -> str:
    """Return the name that a model's ``Meta`` gives to all its relations, or an empty text."""
    node = definition_of(machine, source)
    for statement in [] if node is None else node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            for each_statement in statement.body:
                if (
                    isinstance(each_statement, ast.Assign)
                    and isinstance(each_statement.value, ast.Constant)
                    and "default_related_name" in {getattr(target, "id", "") for target in each_statement.targets}
                ):
                    return str(each_statement.value.value).replace("%(class)s", own)
    return ""


def _accessor(machine: Machine, source: ClassValue, node: ast.Call, kind: str) -> tuple[str, str]:
    """Return the name by which the other model knows a relation, and of which kind it is from there."""
    is_one_to_one = isinstance(node.func, (ast.Attribute, ast.Name)) and "OneToOne" in ast.unparse(node.func)
    own = source.qualname.rpartition(".")[2].lower()
    name = own if is_one_to_one else f"{own}_set"
    name = _default_related_name(machine, source, own) or name
    for keyword in node.keywords:
        if keyword.arg == "related_name" and isinstance(keyword.value, ast.Constant):
            name = str(keyword.value.value).replace("%(class)s", own)
    return ("" if name.endswith("+") else name), "one" if is_one_to_one and kind == "one" else "many"
