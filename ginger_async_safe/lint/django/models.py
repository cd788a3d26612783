"""Models: their managers, fields and relations."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.django import querysets
from ginger_async_safe.lint.domain.bases import UNKNOWN, each
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.kinds import QuerySetKind
from ginger_async_safe.lint.domain.relations import Relation, RelationKind
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import ClassValue, Constant, External, Fact, Instance, QuerySet
from ginger_async_safe.lint.interpreter.classes import definition_of, find, order_of, symbols_of
from ginger_async_safe.lint.knowledge.orm import (
    KINDS_OF_QUERYSETS,
    BaseClass,
    framework_of,
    framework_of_base,
    is_model_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.interpreter.program import Order

__all__ = ["attribute_of_instance", "framework_of_model", "manager_of", "queryset_class_of"]

_FIELDS = {
    "ForeignKey": RelationKind.ONE,
    "OneToOneField": RelationKind.ONE,
    "ManyToManyField": RelationKind.MANY,
    "GenericForeignKey": RelationKind.ONE,
}
_MANAGERS = frozenset({"_default_manager", "_base_manager"})


def framework_of_model(interpreter: Interpreter, cls: Value, frame: Frame) -> str | None:
    """Return the framework that a class is a model of, or ``None`` where it is no model."""
    if isinstance(cls, External):
        return framework_of(cls.name) if is_model_name(cls.name) else None
    if not isinstance(cls, ClassValue):
        return None
    return _framework(interpreter, cls, BaseClass.MODEL, frame)


def _framework(interpreter: Interpreter, cls: ClassValue, base: BaseClass, frame: Frame) -> str | None:
    if not interpreter.models.are_possible:
        return None
    order = order_of(interpreter, cls, frame)
    if len(order) == 1:  # it has no bases, or they are not known yet
        return None
    return interpreter.models.frameworks.of((cls, base), frame, _find_framework, cls, order, base)


def _find_framework(cls: ClassValue, order: Order, base: BaseClass) -> tuple[str | None, int]:
    return next(filter(None, (_framework_of_base(one, base) for one in order)), None), cls.module.bit


def _framework_of_base(cls: ClassValue | External, base: BaseClass) -> str | None:
    if not isinstance(cls, External):
        return None
    found = framework_of_base(cls.name, base)
    return framework_of(cls.name) if found is None and base is BaseClass.MODEL and is_model_name(cls.name) else found


def queryset_class_of(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> tuple[str, QuerySetKind] | None:
    """Return the framework and kind of a class of querysets or managers, or ``None`` where it is neither."""
    for base, kind in KINDS_OF_QUERYSETS.items():
        framework = _framework(interpreter, cls, base, frame)
        if framework is not None:
            return framework, kind
    return None


def manager_of(interpreter: Interpreter, model: ClassValue | External, name: str, frame: Frame) -> Value | None:
    """Return the manager that a model has by a name, or ``None`` where it has none."""
    framework = framework_of_model(interpreter, model, frame)
    if framework is None:
        return None
    usual = QuerySet(framework, model, QuerySetKind.MANAGER)
    if isinstance(model, External):
        return usual if name == "objects" else None
    found = find(interpreter, model, name, frame)
    if found is not None:
        for value in each(found[0]):
            if isinstance(value, QuerySet):
                return QuerySet(framework, model, QuerySetKind.MANAGER, classes=value.classes)
        return None
    return usual if name == "objects" or name in _MANAGERS else None


def attribute_of_instance(
    interpreter: Interpreter, instance: Instance, name: str, node: ast.expr, frame: Frame
) -> Value | None:
    """Return an attribute of an instance that is a relation, or ``None`` where it is none."""
    framework = framework_of_model(interpreter, instance.cls, frame)
    if framework is None or not isinstance(instance.cls, ClassValue):
        return None
    relation = _forward(interpreter, instance.cls, name, frame)
    if relation is None:
        relation = _backward(interpreter, instance.cls, frame).get(name)
    if relation is None:
        return None
    is_there = instance.loaded is not None and name in instance.loaded
    below = frozenset(
        each.partition("__")[2] for each in instance.loaded or () if each.startswith(f"{name}__") or each == name
    ) - {""}
    below |= {relation.field} - {""}  # the related instances have their relation to this one loaded
    if relation.kind is RelationKind.MANY:
        classes = _classes_of_default(interpreter, relation.target, frame)
        return QuerySet(
            framework,
            relation.target,
            QuerySetKind.MANAGER,
            classes=classes,
            loaded=below,
            is_evaluated=is_there,
            by_relation=name,
        )
    if not any(given == name for given, _ in instance.arguments) and not _is_made_here(instance):
        querysets.relation(instance, name, node, frame, framework)
    if isinstance(relation.target, (ClassValue, External)):
        return Instance(relation.target, loaded=below)
    return UNKNOWN


def _is_made_here(instance: Instance) -> bool:
    """Return whether an instance was made by its constructor, not by a query."""
    return Fact.MADE_HERE in instance.facts


def _classes_of_default(interpreter: Interpreter, model: Value, frame: Frame) -> tuple[ClassValue, ...]:
    if isinstance(model, ClassValue):
        manager = manager_of(interpreter, model, "objects", frame)
        if isinstance(manager, QuerySet):
            return manager.classes
    return ()


def _forward(interpreter: Interpreter, model: ClassValue, name: str, frame: Frame) -> Relation | None:
    for base in order_of(interpreter, model, frame):
        if isinstance(base, ClassValue):
            symbols = symbols_of(interpreter, base)
            for binding in reversed([] if symbols is None else symbols.bindings.get(name, [])):
                if isinstance(binding.node, ast.Call):
                    found = _field(interpreter, base, binding.node, frame)
                    return None if found is None else Relation(found[0], _target(interpreter, found[1], base, frame))
                return None
    return None


def _field(
    interpreter: Interpreter, model: ClassValue, node: ast.Call, frame: Frame
) -> tuple[RelationKind, ast.expr | None] | None:
    """Return the kind of relation that a field is, and the expression of its target; ``None`` for other fields."""
    inner = Frame(Scope(model.module), model.name)
    for value in each(interpreter.evaluate(node.func, inner)):
        frame.depend_on(inner.modules)
        if isinstance(value, ClassValue):  # a field that the project derives from one of them
            bases = [base.name for base in order_of(interpreter, value, frame) if isinstance(base, External)]
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


def _target(interpreter: Interpreter, node: ast.expr | None, model: ClassValue, frame: Frame) -> Value:
    if node is None:
        return UNKNOWN
    inner = Frame(Scope(model.module), model.name)
    value = interpreter.evaluate(node, inner)
    frame.depend_on(inner.modules)
    for member in each(value):
        if isinstance(member, ClassValue):
            return member
        if isinstance(member, External) and is_model_name(member.name):
            return member
        if isinstance(member, Constant) and isinstance(member.value, str):
            return _named(interpreter, member.value, model)
    return UNKNOWN


def _named(interpreter: Interpreter, name: str, model: ClassValue) -> Value:
    """Return the model of a name as relation fields take it: ``"self"``, ``"Order"`` or ``"shop.Order"``."""
    if name == "self":
        return model
    app, _, short = name.rpartition(".")
    if not app and interpreter.project.definition(model.module, short) is not None:
        return ClassValue(model.module, short)
    candidates = interpreter.models.named(short)
    if app:
        candidates = [each for each in candidates if app in each.module.name.split(".")] or candidates
    return candidates[0] if len(candidates) == 1 else UNKNOWN


def _backward(interpreter: Interpreter, model: ClassValue, frame: Frame) -> Mapping[str, Relation]:
    """Return the relations of other models to a model, by the names that they have there."""
    relations = interpreter.models.relations.of(None, frame, _find_relations, interpreter)
    found: dict[str, Relation] = {}
    for base in reversed(order_of(interpreter, model, frame)):
        if isinstance(base, ClassValue):
            found |= relations.get(base, {})
    return found


def _find_relations(interpreter: Interpreter) -> tuple[dict[ClassValue, dict[str, Relation]], int]:
    relations: dict[ClassValue, dict[str, Relation]] = {}
    modules = 0
    for source in interpreter.models.with_relations():
        frame = Frame(Scope(source.module), source.name)
        for name, binding in _calls_of(interpreter, source):
            found = _field(interpreter, source, binding, frame)
            if found is None:
                continue
            target = _target(interpreter, found[1], source, frame)
            if isinstance(target, ClassValue):
                accessor, kind = _accessor(interpreter, source, binding, found[0])
                if accessor:
                    relations.setdefault(target, {})[accessor] = Relation(kind, source, name)
        modules |= frame.modules
    return relations, modules


def _calls_of(interpreter: Interpreter, model: ClassValue) -> Iterator[tuple[str, ast.Call]]:
    symbols = symbols_of(interpreter, model)
    for name, bindings in ({} if symbols is None else symbols.bindings).items():
        for binding in bindings:
            if isinstance(binding.node, ast.Call):
                yield name, binding.node


def _default_related_name(interpreter: Interpreter, source: ClassValue, own: str) -> str:
    """Return the ``default_related_name`` of a model's ``Meta``, or an empty text."""
    node = definition_of(interpreter, source)
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


def _accessor(
    interpreter: Interpreter, source: ClassValue, node: ast.Call, kind: RelationKind
) -> tuple[str, RelationKind]:
    """Return the name of a relation in the other model, and its kind there."""
    is_one_to_one = isinstance(node.func, (ast.Attribute, ast.Name)) and "OneToOne" in ast.unparse(node.func)
    own = source.qualname.rpartition(".")[2].lower()
    name = own if is_one_to_one else f"{own}_set"
    name = _default_related_name(interpreter, source, own) or name
    for keyword in node.keywords:
        if keyword.arg == "related_name" and isinstance(keyword.value, ast.Constant):
            name = str(keyword.value.value).replace("%(class)s", own)
    there = RelationKind.ONE if is_one_to_one and kind is RelationKind.ONE else RelationKind.MANY
    return ("" if name.endswith("+") else name), there
