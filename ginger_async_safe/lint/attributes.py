"""What a value has by a name."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.classes import fields_of, find, has_base, order_of, stored
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.holding import with_held
from ginger_async_safe.lint.knowledge import canonical, known_bases, returned_by
from ginger_async_safe.lint.knowledge.known import is_known
from ginger_async_safe.lint.knowledge.returned import instance_named
from ginger_async_safe.lint.models import attribute_of_instance, framework_of_model, manager_of, queryset_class_of
from ginger_async_safe.lint.names import exported
from ginger_async_safe.lint.values import (
    TEXT,
    UNKNOWN,
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    Collection,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    ModuleValue,
    Partial,
    QuerySet,
    Super,
    TupleValue,
    Union,
    Unknown,
    Wrapped,
    attribute_set,
    each,
    join,
    join_known,
    with_attribute,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Single, Value

__all__ = ["attribute", "bound", "method_of_instance"]

_ENUMERATIONS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
_PROPERTIES = frozenset(
    {
        "pathlib.Path.parent",
        "pathlib.Path.parents",
        "subprocess.Popen.stdout",
        "subprocess.Popen.stderr",
    }
)


def attribute(machine: Machine, value: Value, name: str, node: ast.expr, frame: Frame) -> Value:
    """Return what a value has by a name; a property is called."""
    if not isinstance(value, Union):
        found = _attribute(machine, value, name, node, frame)
        return _filled(machine, value, name, found) if name in machine.held_names else found
    return join_known([attribute(machine, member, name, node, frame) for member in each(value)])


def _filled(machine: Machine, owner: Single, name: str, value: Value) -> Value:
    """Return an attribute with what others have put into it, if it is a registry."""
    if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
        origin = dict(owner.arguments).get("<origin>")
        if isinstance(origin, Literal):
            value = with_held(machine, f"{origin.value}.{name}", value)
        owner = owner.cls
    return with_held(machine, f"{owner.name}.{name}", value) if isinstance(owner, ClassValue) else value


def _attribute(machine: Machine, value: Single, name: str, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, ModuleValue):
        return exported(machine, value.module, name, frame)
    if isinstance(value, External):
        return _of_external(machine, value, name, frame)
    if isinstance(value, ClassValue):
        return _of_class(machine, value, name, frame)
    if isinstance(value, Instance):
        return _of_instance(machine, value, name, node, frame)
    if isinstance(value, Super):
        return _of_super(machine, value, name, node, frame)
    if isinstance(value, QuerySet):
        return _of_queryset(machine, value, name, node, frame)
    if isinstance(value, (Collection, TupleValue, Generator)):
        return BoundMethod(External(f"<{type(value).__name__}>.{name}"), value)
    if isinstance(value, Literal) and isinstance(value.value, str):
        return BoundMethod(External(f"str.{name}"), value)
    if isinstance(value, Awaitable):
        return BoundMethod(External(f"asyncio.Future.{name}"), value)
    if isinstance(value, Wrapped) and value.kind in {"property", "cached"}:
        return UNKNOWN
    if name in {"__wrapped__", "func"} and isinstance(value, (Wrapped, Partial)):
        return value.function
    if isinstance(value, BoundMethod) and name == "__func__":
        return value.function
    if name == "__name__" and isinstance(value, (FunctionValue, Closure)):
        return Literal(value.qualname.rpartition(".")[2])
    return UNKNOWN


def _of_external(machine: Machine, value: External, name: str, frame: Frame) -> Value:
    dotted = canonical(f"{value.name}.{name}")
    module = machine.project.find(dotted, frame.module)
    if module is not None and not is_known(dotted):
        frame.modules |= module.bit
        return ModuleValue(module)
    if orm.is_model_name(value.name):
        return manager_of(machine, value, name, frame) or UNKNOWN
    for base in known_bases(value.name):
        if machine.rules.tells(f"{base}.{name}"):
            return External(f"{base}.{name}")
    return External(dotted)


def _of_class(machine: Machine, value: ClassValue, name: str, frame: Frame) -> Value:
    manager = manager_of(machine, value, name, frame)
    if manager is not None:
        return manager
    if name == "as_manager":
        kind = queryset_class_of(machine, value, frame)
        if kind is not None:
            return Partial(External("<manager>"), (QuerySet(kind[0], UNKNOWN, "manager", classes=(value,)),), ())
    if name == "from_queryset":
        kind = queryset_class_of(machine, value, frame)
        if kind is not None:
            return Partial(External("<from_queryset>"), (QuerySet(kind[0], UNKNOWN, "manager", classes=(value,)),), ())
    found = find(machine, value, name, frame)
    if (
        found is not None
        and isinstance(found[0], (Literal, TupleValue))
        and has_base(machine, value, _ENUMERATIONS, frame)
    ):
        return Instance(value)
    if found is None:
        return Literal(value.qualname) if name in {"__name__", "__qualname__"} else UNKNOWN
    return join(*(bound(machine, member, value, None, frame) for member in each(found[0])))


def bound(machine: Machine, value: Value, cls: Value, receiver: Value | None, frame: Frame) -> Value:
    """Return what a class's attribute is where it is asked for: a method is bound to what it is called on.

    Args:
        machine: The machine.
        value: The attribute, as the class has it.
        cls: The class.
        receiver: The instance; ``None`` where the class itself is asked.
        frame: The frame that asks.
    """
    if isinstance(value, Wrapped):
        if value.kind == "static":
            return value.function
        if value.kind == "class":
            return BoundMethod(value.function, cls)
        if value.kind in {"property", "cached"}:
            return value
        inner = bound(machine, value.function, cls, receiver, frame)
        if isinstance(inner, BoundMethod) and inner.function is value.function:
            return BoundMethod(value, inner.receiver)
        return Wrapped(value.kind, inner, value.detail)
    if isinstance(value, (FunctionValue, Closure)):
        if value.qualname.endswith((".__new__", ".__init_subclass__", ".__class_getitem__")):
            return BoundMethod(value, cls)
        return value if receiver is None else BoundMethod(value, receiver)
    if isinstance(value, (External, Partial)) and receiver is not None:
        return (
            BoundMethod(value, receiver) if isinstance(value, External) and machine.rules.tells(value.name) else value
        )
    return value


def method_of_instance(machine: Machine, instance: Instance, name: str, frame: Frame) -> Value | None:
    """Return a method that the class of an instance has, or ``None`` where it has none that is read or known."""
    if isinstance(instance.cls, External):
        for base in known_bases(instance.cls.name):
            if machine.rules.tells(f"{base}.{name}"):
                return BoundMethod(External(f"{base}.{name}"), instance)
        return None
    found = find(machine, instance.cls, name, frame)
    if found is None:
        return None
    return join(*(bound(machine, member, instance.cls, instance, frame) for member in each(found[0])))


def _of_instance(machine: Machine, value: Instance, name: str, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value.cls, External):
        return _of_known_instance(machine, value, value.cls, name, frame)
    if frame.receiver == value and name in frame.stores:
        return frame.stores[name]
    if name == "__class__":
        return value.cls
    was_set = attribute_set(value, name)
    if was_set is not None:
        return was_set
    related = attribute_of_instance(machine, value, name, node, frame)
    if related is not None:
        return related
    kept = stored(machine, value, name, frame)
    values: list[Value] = []
    is_private = name.startswith("__") and not name.endswith("__")  # such a name is that of the class that says it
    found = find(machine, frame.owner if is_private and frame.owner is not None else value.cls, name, frame)
    if found is not None and kept is not None and not isinstance(kept, Unknown):
        methods = [member for member in each(found[0]) if isinstance(member, (FunctionValue, Closure))]
        if methods:  # what an instance has hides the method of its class
            return kept
    if found is not None:
        for member in each(found[0]):
            made = bound(machine, member, value.cls, value, frame)
            if isinstance(made, Wrapped) and made.kind in {"property", "cached"}:
                is_cached = made.kind == "cached"
                made = _called_property(machine, made, value, node, frame)
                variable = getattr(node.value, "id", "") if isinstance(node, ast.Attribute) else ""
                if is_cached:
                    frame.scope.rebind(variable, value, with_attribute(value, name, made))
            elif isinstance(made, Partial) and made.function == External("<factory>"):
                made = machine.call(made.positional[0], Arguments(), frame.aside(), node)
            elif isinstance(made, Instance) and isinstance(made.cls, ClassValue):
                getter = machine.call_method(made, "__get__", Arguments((value, value.cls)), frame, node)
                made = made if getter is None else getter
            values.append(made)
        if not all(
            isinstance(each_value, (Unknown, Literal, Instance, Collection, TupleValue)) for each_value in values
        ):
            return join(*values)
    given = dict(value.arguments).get(name)
    if given is not None and name in fields_of(machine, value.cls, frame):
        return given
    if kept is not None:
        values.append(kept)
    joined = join_known(values)
    if not isinstance(joined, Unknown):
        return joined
    if kept is None and found is None:
        if framework_of_model(machine, value.cls, frame) is not None and orm.is_method_of_instance(name):
            return BoundMethod(External(f"<model>.{name}"), value)
        if find(machine, value.cls, "__getattr__", frame) is not None:
            return machine.call_method(value, "__getattr__", Arguments((Literal(name),)), frame, node) or UNKNOWN
        for base in order_of(machine, value.cls, frame):
            if isinstance(base, External):
                return BoundMethod(External(f"{base.name}.{name}"), value)
    return UNKNOWN


def _called_property(machine: Machine, value: Wrapped, receiver: Value, node: ast.expr, frame: Frame) -> Value:
    return machine.call(BoundMethod(value.function, receiver), Arguments(), frame, node)


def _of_known_instance(machine: Machine, value: Instance, cls: External, name: str, frame: Frame) -> Value:
    if name == "__class__":
        return cls
    framework = framework_of_model(machine, cls, frame)
    if framework is not None and orm.is_method_of_instance(name):
        return BoundMethod(External(f"<model>.{name}"), value)
    for mend in machine.guarded_methods(cls.name, name):
        return BoundMethod(machine.marked_as(External(f"{cls.name}.{name}"), mend), value)
    for base in known_bases(cls.name):
        dotted = f"{base}.{name}"
        if dotted in _PROPERTIES:
            return instance_named(returned_by(dotted) or "", value)
        if machine.rules.tells(dotted):
            return BoundMethod(External(dotted), value)
    if cls.name == "str":
        return BoundMethod(External(f"str.{name}"), TEXT)
    if cls.name in {"pymongo.MongoClient", "pymongo.Database"} and not name.startswith("_"):
        return instance_named(returned_by(f"{cls.name}.__getitem__") or "", value)
    return BoundMethod(External(f"{cls.name}.{name}"), value)


def _of_super(machine: Machine, value: Super, name: str, node: ast.expr, frame: Frame) -> Value:
    receiver = value.receiver
    if isinstance(receiver, QuerySet):
        for cls in receiver.classes:
            found = find(machine, cls, name, frame, value.after)
            if found is not None:
                return bound(machine, found[0], cls, receiver, frame)
        return BoundMethod(External(f"<queryset>.{name}"), receiver)
    cls_value = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls_value, ClassValue):
        return UNKNOWN
    found = find(machine, cls_value, name, frame, value.after)
    if found is None:
        if framework_of_model(machine, cls_value, frame) is not None and orm.is_method_of_instance(name):
            return BoundMethod(External(f"<model>.{name}"), receiver)
        return UNKNOWN
    instance = receiver if isinstance(receiver, Instance) else None
    made = join(*(bound(machine, member, cls_value, instance, frame) for member in each(found[0])))
    if isinstance(made, Wrapped) and made.kind in {"property", "cached"} and instance is not None:
        return _called_property(machine, made, instance, node, frame)
    return made


def _of_queryset(machine: Machine, value: QuerySet, name: str, node: ast.expr, frame: Frame) -> Value:
    for cls in value.classes:
        found = find(machine, cls, name, frame)
        if found is not None:
            kind = queryset_class_of(machine, found[1], frame) if isinstance(found[1], ClassValue) else None
            receiver = value  # a queryset's methods that a manager has are called on what it gives
            if kind is not None and kind[1] == "queryset" and value.kind == "manager":
                receiver = replace(value, kind="queryset")
            made = bound(machine, found[0], cls, receiver, frame)
            if isinstance(made, Wrapped) and made.kind in {"property", "cached"}:
                return _called_property(machine, made, receiver, node, frame)
            return made
    if name == "model":
        return value.model
    if orm.is_method_of_queryset(name):
        return BoundMethod(External(f"<queryset>.{name}"), value)
    return UNKNOWN
