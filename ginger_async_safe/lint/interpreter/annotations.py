"""Annotations: the values that they describe."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    TEXT,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Instance,
    QuerySet,
    TupleValue,
    TypeForm,
)
from ginger_async_safe.lint.interpreter.classes import definition_of
from ginger_async_safe.lint.interpreter.dependencies import handed_in
from ginger_async_safe.lint.interpreter.generics import of_variable, type_parameters
from ginger_async_safe.lint.knowledge.orm import KINDS_OF_QUERYSETS, framework_of_base

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["evaluate_annotation"]

_HOLDING = frozenset(
    [
        "list",
        "set",
        "frozenset",
        "typing.List",
        "typing.Set",
        "typing.FrozenSet",
        "typing.Sequence",
        "typing.MutableSequence",
        "typing.Iterable",
        "typing.Iterator",
        "typing.Collection",
        "typing.Container",
        "typing.AbstractSet",
        "typing.MutableSet",
        "typing.Generator",
        "typing.Deque",
        "collections.deque",
        "typing.AsyncIterator",
        "typing.AsyncIterable",
        "typing.AsyncGenerator",
        "typing.Reversible",
    ]
)
_MAPPING = frozenset(
    [
        "dict",
        "typing.Dict",
        "typing.Mapping",
        "typing.MutableMapping",
        "typing.DefaultDict",
        "collections.defaultdict",
        "collections.OrderedDict",
        "typing.OrderedDict",
    ]
)
_TRANSPARENT = frozenset(
    [
        "typing.Final",
        "typing.ClassVar",
        "typing.Required",
        "typing.NotRequired",
        "typing.ReadOnly",
        "dataclasses.InitVar",
        "dishka.FromDishka",
        "sqlalchemy.orm.Mapped",
        "contextlib.AbstractContextManager",
        "typing.ContextManager",
    ]
)
_AWAITED = {"typing.Awaitable": 0, "typing.Coroutine": 2, "asyncio.Future": 0, "asyncio.Task": 0}
_UNKNOWN = frozenset(
    [
        "typing.Any",
        "typing.Final",
        "typing.ClassVar",
        "object",
        "typing.Callable",
        "type",
        "typing.Type",
        "typing.TypeAlias",
        "typing.NoReturn",
        "typing.Never",
        "typing.Literal",
        "typing.Hashable",
        "typing.Sized",
        "int",
        "float",
        "bool",
        "bytes",
        "complex",
        "typing.LiteralString",
    ]
)


def evaluate_annotation(interpreter: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """Return the values that an annotation describes."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NOTHING
        if isinstance(node.value, str):
            try:
                return evaluate_annotation(interpreter, ast.parse(node.value.strip(), mode="eval").body, frame)
            except SyntaxError:
                return UNKNOWN
        return UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join_known(
            [evaluate_annotation(interpreter, node.left, frame), evaluate_annotation(interpreter, node.right, frame)]
        )
    if isinstance(node, ast.Subscript):
        return _with_parameters(interpreter, node, frame)
    if isinstance(node, (ast.Name, ast.Attribute)):
        named = interpreter.evaluate(node, frame.detached())
        if isinstance(named, Unknown) and frame.owner is not None and isinstance(node, ast.Name):
            named = _type_parameter(interpreter, node.id, frame.owner, frame)
        return join(*(_made(interpreter, member, frame) for member in each(named)))
    return UNKNOWN


def _type_parameter(interpreter: Interpreter, name: str, owner: ClassValue, frame: Frame) -> Value:
    """Return a type parameter of the class around (PEP 695); unknown where it has none of that name."""
    node = definition_of(interpreter, owner)
    for parameter in getattr(node, "type_params", ()):
        if parameter.name == name:
            bound = getattr(parameter, "bound", None)
            return TypeForm(UNKNOWN if bound is None else evaluate_annotation(interpreter, bound, frame), variable=name)
    return UNKNOWN


def _made(interpreter: Interpreter, value: Value, frame: Frame) -> Value:
    """Return an instance of what an annotation names."""
    if isinstance(value, ClassValue):
        kind = interpreter.orm.queryset_class_of(interpreter, value, frame)
        if kind is not None:
            return QuerySet(kind[0], UNKNOWN, kind[1], classes=(value,))
        return Instance(value)
    if isinstance(value, External):
        return _made_of_known(value.name, frame)
    if isinstance(value, TypeForm):
        return of_variable(interpreter, value, frame) if value.variable else value.stands_for
    return UNKNOWN


def _made_of_known(name: str, frame: Frame) -> Value:
    for base, kind in KINDS_OF_QUERYSETS.items():
        framework = framework_of_base(name, base)
        if framework is not None:
            return QuerySet(framework, UNKNOWN, kind)
    if name == "typing.Self":
        return UNKNOWN if frame.receiver is None else frame.receiver
    if name in {"str", "typing.Text"}:
        return TEXT
    if name in _HOLDING:
        return Collection("list", UNKNOWN)
    if name in _MAPPING:
        return Collection("dict", TEXT, UNKNOWN)
    return UNKNOWN if name in _UNKNOWN else Instance(External(name))


def _with_parameters(interpreter: Interpreter, node: ast.Subscript, frame: Frame) -> Value:
    base = interpreter.evaluate(node.value, frame.detached())
    parameters = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if isinstance(base, ClassValue):
        made = _made(interpreter, base, frame)
        if isinstance(made, QuerySet) and parameters:
            return _queryset_of(interpreter, made, parameters[0], frame)
        if isinstance(made, Instance) and type_parameters(interpreter, base, frame):
            return replace(made, parameters=tuple(evaluate_annotation(interpreter, each, frame) for each in parameters))
        return made
    if not isinstance(base, External) or not parameters:
        return UNKNOWN
    name = base.name
    if name == "typing.Optional":
        return join_known([evaluate_annotation(interpreter, parameters[0], frame), NOTHING])
    if name == "typing.Union":
        return join_known([evaluate_annotation(interpreter, each_node, frame) for each_node in parameters])
    if name == "typing.Annotated":
        return _annotated(interpreter, parameters, frame)
    if name in _TRANSPARENT:
        return evaluate_annotation(interpreter, parameters[0], frame)
    if name in _HOLDING:
        return Collection("list", evaluate_annotation(interpreter, parameters[0], frame))
    if name in _MAPPING:
        return Collection(
            "dict",
            evaluate_annotation(interpreter, parameters[0], frame),
            evaluate_annotation(interpreter, parameters[-1], frame),
        )
    if name in _AWAITED:
        index = min(_AWAITED[name], len(parameters) - 1)
        return Awaitable(evaluate_annotation(interpreter, parameters[index], frame), name)
    if name in {"tuple", "typing.Tuple"}:
        if isinstance(parameters[-1], ast.Constant) and parameters[-1].value is Ellipsis:
            return Collection("tuple", evaluate_annotation(interpreter, parameters[0], frame))
        return TupleValue(tuple(evaluate_annotation(interpreter, each_node, frame) for each_node in parameters))
    if name in {"type", "typing.Type"}:
        return interpreter.evaluate(parameters[0], frame.detached())
    made = _made_of_known(name, frame)
    if isinstance(made, QuerySet):
        return _queryset_of(interpreter, made, parameters[0], frame)
    if isinstance(made, Instance):
        return Instance(made.cls, elements=evaluate_annotation(interpreter, parameters[0], frame))
    return UNKNOWN


def _annotated(interpreter: Interpreter, parameters: list[ast.expr], frame: Frame) -> Value:
    """Return what ``Annotated`` describes: what a framework hands in, or else what its first argument does."""
    declared = evaluate_annotation(interpreter, parameters[0], frame)
    for node in parameters[1:]:
        if isinstance(node, (ast.Call, ast.Name, ast.Attribute)):
            given = handed_in(interpreter, interpreter.evaluate(node, frame.detached()), declared, node, frame)
            if given is not None:
                return given
    return declared


def _queryset_of(interpreter: Interpreter, value: QuerySet, parameter: ast.expr, frame: Frame) -> Value:
    model = evaluate_annotation(interpreter, parameter, frame)
    cls = model.cls if isinstance(model, Instance) else UNKNOWN
    return QuerySet(value.framework, cls, value.kind, classes=value.classes)
