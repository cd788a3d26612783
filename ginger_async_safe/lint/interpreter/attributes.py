"""Attributes of values."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Union, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.kinds import Decoration, QuerySetKind
from ginger_async_safe.lint.domain.scopes import Arguments
from ginger_async_safe.lint.domain.summaries import SummaryKind
from ginger_async_safe.lint.domain.values import (
    TEXT,
    AbstractMethod,
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    Collection,
    Constant,
    Decorated,
    External,
    Fact,
    FunctionValue,
    Generator,
    Instance,
    ModuleValue,
    Partial,
    QuerySet,
    Super,
    TupleValue,
    TypeForm,
    attribute_set,
    has_unknown_contents,
    with_attribute,
)
from ginger_async_safe.lint.interpreter.abstract_calls import call_abstract, uses_abstract_methods
from ginger_async_safe.lint.interpreter.classes import (
    assigned_attribute,
    fields_of,
    find,
    has_base,
    is_final_attribute,
    order_of,
)
from ginger_async_safe.lint.interpreter.decorators import marked_with
from ginger_async_safe.lint.interpreter.fills import filled_attribute, filled_variable
from ginger_async_safe.lint.interpreter.generics import with_variables
from ginger_async_safe.lint.interpreter.names import exported
from ginger_async_safe.lint.interpreter.summaries import block_by_package, made_by
from ginger_async_safe.lint.knowledge.known import is_known
from ginger_async_safe.lint.knowledge.orm import is_method_of_instance, is_method_of_queryset, is_model_name
from ginger_async_safe.lint.knowledge.return_values import instance_named
from ginger_async_safe.lint.knowledge.rule_table import canonical, known_bases, returned_by

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["attribute", "bound", "method_of_instance"]

_ENUMERATIONS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
_FILLED = frozenset({"pydantic.BaseModel", "pydantic_settings.BaseSettings"})
_OF_EVERY_OBJECT = frozenset({*dir(object), "__dict__", "__module__", "__weakref__"})
_PROPERTIES = frozenset(
    {
        "pathlib.Path.info",
        "pathlib.Path.parent",
        "pathlib.Path.parents",
        "starlette.datastructures.UploadFile.file",
        "subprocess.Popen.stdout",
        "subprocess.Popen.stderr",
    }
)


def attribute(interpreter: Interpreter, value: Value, name: str, node: ast.expr, frame: Frame) -> Value:
    """Return an attribute of a value; a property is called."""
    if not isinstance(value, Union):
        found = _attribute(interpreter, value, name, node, frame)
        if name in interpreter.registries.names:
            found = _filled(interpreter, value, name, found)
        return _filled_elsewhere(interpreter, value, name, found, frame) if name in interpreter.fills.by_name else found
    return join_known(frame.over(list(each(value)), lambda member: attribute(interpreter, member, name, node, frame)))


def _filled(interpreter: Interpreter, owner: Single, name: str, value: Value) -> Value:
    """Return an attribute, with what was registered in it where it is a registry."""
    if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
        if owner.origin:
            value = interpreter.registries.filled(f"{owner.origin}.{name}", value)
        owner = owner.cls
    return interpreter.registries.filled(f"{owner.name}.{name}", value) if isinstance(owner, ClassValue) else value


def _filled_elsewhere(interpreter: Interpreter, owner: Single, name: str, value: Value, frame: Frame) -> Value:
    """Return an attribute, with what functions put into it where it is a container."""
    if isinstance(owner, ModuleValue):
        return filled_variable(interpreter, owner.module, name, value, frame)
    cls = owner.cls if isinstance(owner, Instance) else owner
    return filled_attribute(interpreter, cls, name, value, frame) if isinstance(cls, ClassValue) else value


def _attribute(interpreter: Interpreter, value: Single, name: str, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value, Instance):  # most are
        return _of_instance(interpreter, value, name, node, frame)
    if isinstance(value, External):
        return _of_external(interpreter, value, name, frame)
    if isinstance(value, ModuleValue):
        return exported(interpreter, value.module, name, frame)
    if isinstance(value, ClassValue):
        return _of_class(interpreter, value, name, frame)
    if isinstance(value, TypeForm):
        return attribute(interpreter, value.origin, name, node, frame)
    if isinstance(value, Super):
        return _of_super(interpreter, value, name, node, frame)
    if isinstance(value, QuerySet):
        return _of_queryset(interpreter, value, name, node, frame)
    if isinstance(value, (Collection, TupleValue, Generator)):
        return BoundMethod(External(f"<{type(value).__name__}>.{name}"), value)
    if isinstance(value, Constant) and isinstance(value.value, str):
        return BoundMethod(External(f"str.{name}"), value)
    if isinstance(value, Awaitable):
        return BoundMethod(External(f"asyncio.Future.{name}"), value)
    if isinstance(value, Decorated) and value.is_property:
        return UNKNOWN
    if name in {"__wrapped__", "func"} and isinstance(value, (Decorated, Partial)):
        return value.function
    if isinstance(value, BoundMethod):
        return _of_method(interpreter, value, name)
    if name == "__name__" and isinstance(value, (FunctionValue, Closure)):
        return Constant(value.qualname.rpartition(".")[2])
    return UNKNOWN


def _of_method(interpreter: Interpreter, value: BoundMethod, name: str) -> Value:
    """Return an attribute of a method, or of what a part of an outside client leads to, such as ``client.orders.list``."""
    if name == "__func__":
        return value.function
    if isinstance(value.function, External):
        part = f"{value.function.name}.{name}"
        if interpreter.rules.has_row(part) or interpreter.rules.is_part(part):
            return BoundMethod(External(part), value.receiver)
    return UNKNOWN


def _of_external(interpreter: Interpreter, value: External, name: str, frame: Frame) -> Value:
    dotted = canonical(f"{value.name}.{name}")
    module = interpreter.project.find(dotted, frame.module)
    if module is not None and not is_known(dotted):
        frame.depend_on(module.bit)
        return ModuleValue(module)
    if is_model_name(value.name):
        return interpreter.orm.manager_of(interpreter, value, name, frame) or UNKNOWN
    for base in known_bases(value.name):
        if interpreter.rules.has_row(f"{base}.{name}"):
            return External(f"{base}.{name}")
    return External(dotted)


def _of_class(interpreter: Interpreter, value: ClassValue, name: str, frame: Frame) -> Value:
    manager = interpreter.orm.manager_of(interpreter, value, name, frame)
    if manager is not None:
        return manager
    if name == "as_manager":
        kind = interpreter.orm.queryset_class_of(interpreter, value, frame)
        if kind is not None:
            return Partial(
                External("<manager>"), (QuerySet(kind[0], UNKNOWN, QuerySetKind.MANAGER, classes=(value,)),), ()
            )
    if name == "from_queryset":
        kind = interpreter.orm.queryset_class_of(interpreter, value, frame)
        if kind is not None:
            return Partial(
                External("<from_queryset>"), (QuerySet(kind[0], UNKNOWN, QuerySetKind.MANAGER, classes=(value,)),), ()
            )
    found = find(interpreter, value, name, frame)
    if (
        found is not None
        and isinstance(found[0], (Constant, TupleValue))
        and has_base(interpreter, value, _ENUMERATIONS, frame)
    ):
        return Instance(value)
    if found is None:
        return Constant(value.qualname) if name in {"__name__", "__qualname__"} else UNKNOWN
    return join(*(bound(interpreter, member, value, None, frame) for member in each(found[0])))


def bound(interpreter: Interpreter, value: Value, cls: Value, receiver: Value | None, frame: Frame) -> Value:
    """Return an attribute of a class as access gives it: a function is bound to the instance.

    Args:
        interpreter: The interpreter.
        value: The attribute, as the class defines it.
        cls: The class.
        receiver: The instance; ``None`` for an attribute of the class itself.
        frame: The current frame.
    """
    if isinstance(value, Decorated):
        if value.kind is Decoration.STATIC_METHOD:
            return value.function
        if value.kind is Decoration.CLASS_METHOD:
            return BoundMethod(value.function, cls)
        if value.is_property:
            return value
        inner = bound(interpreter, value.function, cls, receiver, frame)
        if isinstance(inner, BoundMethod) and inner.function is value.function:
            return BoundMethod(value, inner.receiver)
        return Decorated(value.kind, inner, value.detail)
    if isinstance(value, (FunctionValue, Closure)):
        if value.qualname.endswith((".__new__", ".__init_subclass__", ".__class_getitem__")):
            return BoundMethod(value, cls)
        return value if receiver is None else BoundMethod(value, receiver)
    if isinstance(value, (External, Partial)) and receiver is not None:
        return (
            BoundMethod(value, receiver)
            if isinstance(value, External) and interpreter.rules.has_row(value.name)
            else value
        )
    return value


def method_of_instance(interpreter: Interpreter, instance: Instance, name: str, frame: Frame) -> Value | None:
    """Return a method that the class of an instance has, or ``None`` where none is known."""
    if isinstance(instance.cls, External):
        for base in known_bases(instance.cls.name):
            if interpreter.rules.has_row(f"{base}.{name}"):
                return BoundMethod(External(f"{base}.{name}"), instance)
        return _summarised_method(interpreter, instance.cls, name, instance)
    found = find(interpreter, instance.cls, name, frame)
    if found is None:
        return None
    own = join(*(bound(interpreter, member, instance.cls, instance, frame) for member in each(found[0])))
    if not uses_abstract_methods(interpreter, instance.cls, name, frame):
        return own
    return AbstractMethod(own, instance.cls, name)


def _summarised_method(interpreter: Interpreter, cls: External, name: str, instance: Instance) -> Value | None:
    summary = interpreter.summary(f"{cls.name}.{name}")
    is_method = summary is not None and summary.kind is SummaryKind.CALLABLE
    return BoundMethod(External(f"{cls.name}.{name}"), instance) if is_method else None


def _of_instance(interpreter: Interpreter, value: Instance, name: str, node: ast.expr, frame: Frame) -> Value:
    if isinstance(value.cls, External):
        return _of_known_instance(interpreter, value, value.cls, name, node, frame)
    own = _of_own_class(interpreter, value, value.cls, name, node, frame)
    if not uses_abstract_methods(interpreter, value.cls, name, frame):
        return own
    if any(isinstance(member, (BoundMethod, Decorated)) for member in each(own)):
        return AbstractMethod(own, value.cls, name)
    call_abstract(interpreter, value.cls, name, Arguments(), frame, node)  # it is a property
    return own


def _of_own_class(
    interpreter: Interpreter, value: Instance, cls: ClassValue, name: str, node: ast.expr, frame: Frame
) -> Value:
    if name in frame.attributes_now and frame.receiver == value:
        return frame.attributes_now[name]
    if name == "__class__":
        return cls
    was_set = attribute_set(value, name)
    if was_set is not None:
        return was_set
    related = interpreter.orm.attribute_of_instance(interpreter, value, name, node, frame)
    if related is not None:
        return related
    kept = assigned_attribute(interpreter, value, name, frame)
    values: list[Value] = []
    is_computed = False
    is_private = name.startswith("__") and not name.endswith(
        "__"
    )  # name mangling: it belongs to the class whose code uses it
    found = find(interpreter, frame.owner if is_private and frame.owner is not None else cls, name, frame)
    if found is not None and kept is not None and not isinstance(kept, Unknown):
        methods = [member for member in each(found[0]) if isinstance(member, (FunctionValue, Closure))]
        if methods:  # an attribute of the instance hides the method of its class
            return kept
    if found is not None:
        for member in each(found[0]):
            made = bound(interpreter, member, cls, value, frame)
            if isinstance(made, (TypeForm, Collection)):
                made = with_variables(interpreter, made, value, found[1], frame)
            elif isinstance(made, Decorated) and made.is_property:
                is_cached = made.kind is Decoration.CACHED_PROPERTY
                made = _called_property(interpreter, made, value, node, frame)
                is_computed = True
                variable = getattr(node.value, "id", "") if isinstance(node, ast.Attribute) else ""
                if is_cached:
                    frame.scope.rebind(variable, value, with_attribute(value, name, made))
            elif isinstance(made, Constant):
                made = _default(interpreter, cls, name, made, frame)
            elif isinstance(made, Partial) and made.function == External("<factory>"):
                made = _made_by_factory(interpreter, made, node, frame)
            elif isinstance(made, Instance) and isinstance(made.cls, ClassValue):
                getter = interpreter.call_method(made, "__get__", Arguments((value, cls)), frame, node)
                made = made if getter is None else getter
            values.append(made)
        if not all(
            isinstance(each_value, (Unknown, Constant, Instance, Collection, TupleValue)) for each_value in values
        ):
            return join(*values)
    given = dict(value.arguments).get(name)
    if given is not None and name in fields_of(interpreter, cls, frame):
        return given
    if kept is not None:
        values.append(kept)
    if not is_computed and _may_be_set(interpreter, value, name, values, frame):
        return join(*values, UNKNOWN)
    joined = join_known(values)
    if not isinstance(joined, Unknown):
        return joined
    if kept is None and found is None:
        if interpreter.orm.framework_of_model(interpreter, cls, frame) is not None and is_method_of_instance(name):
            return BoundMethod(External(f"<model>.{name}"), value)
        if name not in _OF_EVERY_OBJECT and find(interpreter, cls, "__getattr__", frame) is not None:
            return interpreter.call_method(value, "__getattr__", Arguments((Constant(name),)), frame, node) or UNKNOWN
        bases = [base for base in order_of(interpreter, cls, frame) if isinstance(base, External)]
        for base in [each_base for each_base in bases if _has_method(interpreter, each_base, name)] or bases:
            summary = interpreter.summary(f"{base.name}.{name}")
            if summary is not None and summary.chain:
                return UNKNOWN  # the class overrides what blocks in it
            return BoundMethod(External(f"{base.name}.{name}"), value)
    return UNKNOWN


def _has_method(interpreter: Interpreter, cls: External, name: str) -> bool:
    """Return whether an outside class itself is known to have a method, not one that it is derived from."""
    dotted = f"{cls.name}.{name}"
    return interpreter.rules.is_part(dotted) or interpreter.overlay(dotted) is not None


def _may_be_set(interpreter: Interpreter, instance: Instance, name: str, values: list[Value], frame: Frame) -> bool:
    """Return whether constants are the default of an attribute, for subclasses and other code to set."""
    if not values or Fact.FRESH in instance.facts or name.isupper() or not isinstance(instance.cls, ClassValue):
        return False
    if not all(isinstance(member, Constant) for each_value in values for member in each(each_value)):
        return False
    return not is_final_attribute(interpreter, instance.cls, name, frame)


def _default(interpreter: Interpreter, cls: ClassValue, name: str, default: Constant, frame: Frame) -> Value:
    """Return what a default says of an attribute: nothing where its class is filled from the environment or from data."""
    is_filled = has_base(interpreter, cls, _FILLED, frame) and name in fields_of(interpreter, cls, frame)
    return UNKNOWN if is_filled else default


def _made_by_factory(interpreter: Interpreter, factory: Partial, node: ast.expr, frame: Frame) -> Value:
    """Return what the default factory of a field returns, or what the field is annotated with where that shows more."""
    made = interpreter.call(factory.positional[0], Arguments(), frame.detached(), node)
    declared = factory.positional[1] if len(factory.positional) > 1 else UNKNOWN
    return declared if has_unknown_contents(made) and not isinstance(declared, Unknown) else made


def _called_property(
    interpreter: Interpreter, value: Decorated, receiver: Value, node: ast.expr, frame: Frame
) -> Value:
    return interpreter.call(BoundMethod(value.function, receiver), Arguments(), frame, node)


def _of_known_instance(
    interpreter: Interpreter, value: Instance, cls: External, name: str, node: ast.expr, frame: Frame
) -> Value:
    if name == "__class__":
        return cls
    framework = interpreter.orm.framework_of_model(interpreter, cls, frame)
    if framework is not None and is_method_of_instance(name):
        return BoundMethod(External(f"<model>.{name}"), value)
    fix = interpreter.marks.fix_of_guarded(cls.name, name)
    if fix is not None:
        return BoundMethod(marked_with(External(f"{cls.name}.{name}"), fix), value)
    for base in known_bases(cls.name):
        dotted = f"{base}.{name}"
        if dotted in _PROPERTIES:
            return instance_named(returned_by(dotted) or "", value)
        if interpreter.rules.has_row(dotted) or _has_method(interpreter, External(base), name):
            return BoundMethod(External(dotted), value)
    if cls.name == "str":
        return BoundMethod(External(f"str.{name}"), TEXT)
    if cls.name in {"pymongo.MongoClient", "pymongo.Database"} and not name.startswith("_"):
        return instance_named(returned_by(f"{cls.name}.__getitem__") or "", value)
    summary = interpreter.summary(f"{cls.name}.{name}")
    if summary is not None and summary.kind is SummaryKind.VALUE:
        if summary.chain:
            block_by_package(frame, node, summary)
        return made_by(summary)
    return BoundMethod(External(f"{cls.name}.{name}"), value)


def _of_super(interpreter: Interpreter, value: Super, name: str, node: ast.expr, frame: Frame) -> Value:
    receiver = value.receiver
    if isinstance(receiver, QuerySet):
        for cls in receiver.classes:
            found = find(interpreter, cls, name, frame, value.after)
            if found is not None:
                return bound(interpreter, found[0], cls, receiver, frame)
        return BoundMethod(External(f"<queryset>.{name}"), receiver)
    cls_value = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls_value, ClassValue):
        return UNKNOWN
    found = find(interpreter, cls_value, name, frame, value.after)
    if found is None:
        if interpreter.orm.framework_of_model(interpreter, cls_value, frame) is not None and is_method_of_instance(
            name
        ):
            return BoundMethod(External(f"<model>.{name}"), receiver)
        return UNKNOWN
    instance = receiver if isinstance(receiver, Instance) else None
    made = join(*(bound(interpreter, member, cls_value, instance, frame) for member in each(found[0])))
    if isinstance(made, Decorated) and made.is_property and instance is not None:
        return _called_property(interpreter, made, instance, node, frame)
    return made


def _of_queryset(interpreter: Interpreter, value: QuerySet, name: str, node: ast.expr, frame: Frame) -> Value:
    for cls in value.classes:
        found = find(interpreter, cls, name, frame)
        if found is not None:
            kind = (
                interpreter.orm.queryset_class_of(interpreter, found[1], frame)
                if isinstance(found[1], ClassValue)
                else None
            )
            receiver = value  # a manager calls the methods of its queryset class on a new queryset
            if kind is not None and kind[1] is QuerySetKind.QUERYSET and value.kind is QuerySetKind.MANAGER:
                receiver = replace(value, kind=QuerySetKind.QUERYSET)
            made = bound(interpreter, found[0], cls, receiver, frame)
            if isinstance(made, Decorated) and made.is_property:
                return _called_property(interpreter, made, receiver, node, frame)
            return made
    if name == "model":
        return value.model
    if is_method_of_queryset(name):
        return BoundMethod(External(f"<queryset>.{name}"), value)
    return UNKNOWN
