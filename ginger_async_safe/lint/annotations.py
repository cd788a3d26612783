"""What something may be that has an annotation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint import orm
from ginger_async_safe.lint.models import queryset_class_of
from ginger_async_safe.lint.values import (
    NOTHING,
    TEXT,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Collection,
    External,
    Instance,
    QuerySet,
    TupleValue,
    Union,
    each,
    join,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["annotated"]

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
        "typing.Set",
        "typing.Iterable",
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
        "typing.Annotated",
        "typing.Final",
        "typing.ClassVar",
        "typing.Required",
        "typing.NotRequired",
        "typing.ReadOnly",
        "dataclasses.InitVar",
        "contextlib.AbstractContextManager",
        "typing.ContextManager",
    ]
)
_AWAITED = {"typing.Awaitable": 0, "typing.Coroutine": 2, "asyncio.Future": 0, "asyncio.Task": 0}
_UNTOLD = frozenset(
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


def annotated(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """Return what something may be that has an annotation."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NOTHING
        if isinstance(node.value, str):
            try:
                return annotated(machine, ast.parse(node.value.strip(), mode="eval").body, frame)
            except SyntaxError:
                return UNKNOWN
        return UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join_known([annotated(machine, node.left, frame), annotated(machine, node.right, frame)])
    if isinstance(node, ast.Subscript):
        return _with_parameters(machine, node, frame)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return join(*(_made(machine, member, frame) for member in each(machine.evaluate(node, frame.aside()))))
    return UNKNOWN


def _made(machine: Machine, value: Value, frame: Frame) -> Value:
    """Return an instance of what an annotation names."""
    if isinstance(value, ClassValue):
        kind = queryset_class_of(machine, value, frame)
        if kind is not None:
            return QuerySet(kind[0], UNKNOWN, kind[1], classes=(value,))
        return Instance(value)
    if isinstance(value, External):
        return _made_of_known(value.name, frame)
    if isinstance(value, (Instance, Collection, TupleValue, Awaitable, QuerySet, Union)):
        return value  # the bound of a type variable, or an alias
    return UNKNOWN


def _made_of_known(name: str, frame: Frame) -> Value:
    for kind in ("QuerySet", "Manager"):
        framework = orm.framework_of_base(name, kind)
        if framework is not None:
            return QuerySet(framework, UNKNOWN, kind.lower())
    if name == "typing.Self":
        return UNKNOWN if frame.receiver is None else frame.receiver
    if name in {"str", "typing.Text"}:
        return TEXT
    if name in _HOLDING:
        return Collection("list", UNKNOWN)
    if name in _MAPPING:
        return Collection("dict", TEXT, UNKNOWN)
    return UNKNOWN if name in _UNTOLD else Instance(External(name))


def _with_parameters(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    base = machine.evaluate(node.value, frame.aside())
    parameters = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if isinstance(base, ClassValue):
        made = _made(machine, base, frame)
        if isinstance(made, QuerySet) and parameters:
            return _queryset_of(machine, made, parameters[0], frame)
        return made
    if not isinstance(base, External) or not parameters:
        return UNKNOWN
    name = base.name
    if name == "typing.Optional":
        return join_known([annotated(machine, parameters[0], frame), NOTHING])
    if name == "typing.Union":
        return join_known([annotated(machine, each_node, frame) for each_node in parameters])
    if name in _TRANSPARENT:
        return annotated(machine, parameters[0], frame)
    if name in _HOLDING:
        return Collection("list", annotated(machine, parameters[0], frame))
    if name in _MAPPING:
        return Collection("dict", annotated(machine, parameters[0], frame), annotated(machine, parameters[-1], frame))
    if name in _AWAITED:
        index = min(_AWAITED[name], len(parameters) - 1)
        return Awaitable(annotated(machine, parameters[index], frame), name)
    if name in {"tuple", "typing.Tuple"}:
        if isinstance(parameters[-1], ast.Constant) and parameters[-1].value is Ellipsis:
            return Collection("tuple", annotated(machine, parameters[0], frame))
        return TupleValue(tuple(annotated(machine, each_node, frame) for each_node in parameters))
    if name in {"type", "typing.Type"}:
        return machine.evaluate(parameters[0], frame.aside())
    made = _made_of_known(name, frame)
    if isinstance(made, QuerySet):
        return _queryset_of(machine, made, parameters[0], frame)
    if isinstance(made, Instance):
        return Instance(made.cls, elements=annotated(machine, parameters[0], frame))
    return UNKNOWN


def _queryset_of(machine: Machine, value: QuerySet, parameter: ast.expr, frame: Frame) -> Value:
    model = annotated(machine, parameter, frame)
    cls = model.cls if isinstance(model, Instance) else UNKNOWN
    return QuerySet(value.framework, cls, value.kind, classes=value.classes)
