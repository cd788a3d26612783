"""What an expression may be, as far as reading ahead of time tells: the values that the check computes with.

A value is compared by what it is, so that a function called twice with the same values is read once.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from ginger_async_safe.lint.frames import Result, Scope
    from ginger_async_safe.lint.modules import Module

__all__ = [
    "NOTHING",
    "TEXT",
    "UNKNOWN",
    "Awaitable",
    "BoundMethod",
    "ClassValue",
    "Closure",
    "Collection",
    "External",
    "FunctionValue",
    "Generator",
    "Instance",
    "Literal",
    "ModuleValue",
    "Partial",
    "QuerySet",
    "Super",
    "TupleValue",
    "Union",
    "Unknown",
    "Value",
    "Wrapped",
    "attribute_set",
    "each",
    "function_at",
    "join",
    "join_known",
    "shallow",
    "with_attribute",
]

T = TypeVar("T")

_MOST_MEMBERS = 8
_DEEPEST = 5


class _Single:
    """A value that is no union."""

    __slots__ = ()
    depth = 0


class _Nested(_Single):
    """A value that is made of others. Few may be nested in many ways: what is asked of all of them is kept."""

    __slots__ = ("_depth", "_hash")
    _depth: int
    _hash: int

    @abstractmethod
    def _inside(self) -> Iterable[Value]:
        """Return the values that it is made of."""

    @property
    def depth(self) -> int:  # type: ignore[override]
        """How deep values are nested in it."""
        try:
            known = self._depth
        except AttributeError:
            known = 1 + max(map(deep, self._inside()), default=0)
            object.__setattr__(self, "_depth", known)
        return known


def _hashed_once(cls: type[T]) -> type[T]:
    """Keep the hash of each instance, which is frozen."""
    told = cls.__hash__

    def kept(self: T) -> int:
        try:
            known: int = self._hash  # type: ignore[attr-defined]
        except AttributeError:
            known = told(self)
            object.__setattr__(self, "_hash", known)
        return known

    cls.__hash__ = kept  # type: ignore[method-assign, assignment]
    return cls


@dataclass(frozen=True, slots=True)
class Unknown(_Single):
    """What cannot be told; it is left alone."""


@dataclass(frozen=True, slots=True)
class Literal(_Single):
    """A constant.

    Attributes:
        value: The constant.
        kind: Its type; ``1`` and ``True`` are not the same constant.
    """

    value: object
    kind: type = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value))


@dataclass(frozen=True, slots=True)
class External(_Single):
    """A module, class or function of code that is not read, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleValue(_Single):
    """A module that is read."""

    module: Module


@dataclass(frozen=True, slots=True)
class ClassValue(_Single):
    """A class that is read.

    Attributes:
        module: Where it is.
        qualname: Its qualified name there.
        scope: The names around it, where it is defined in a function.
        node: Its definition, where it is defined in a function.
    """

    module: Module
    qualname: str
    scope: Scope | None = None
    node: ast.ClassDef | None = None

    @property
    def name(self) -> str:
        """The dotted name, which begins with the module's."""
        return f"{self.module.name}.{self.qualname}"


@dataclass(frozen=True, slots=True)
class FunctionValue(_Single):
    """A function that is read: of a module or a class.

    Attributes:
        module: Where it is.
        qualname: Its qualified name there.
        line: The line of its definition, since one name may be defined twice.
        owner: The class that it is defined in.
    """

    module: Module
    qualname: str
    line: int
    owner: ClassValue | None = None

    @property
    def name(self) -> str:
        """The dotted name, which begins with the module's."""
        return f"{self.module.name}.{self.qualname}"


def function_at(module: Module, qualname: str, line: int) -> FunctionValue:
    """Return the function of a module, or of a class in it, that is defined at a line."""
    owner, _, _ = qualname.rpartition(".")
    return FunctionValue(module, qualname, line, ClassValue(module, owner) if owner else None)


@dataclass(frozen=True, slots=True, eq=False)
class Closure(_Single):
    """A function or lambda that is defined in a function, with the names around it.

    Attributes:
        module: Where it is.
        qualname: Its qualified name there.
        node: Its definition.
        scope: The names around it.
        owner: The class that it is defined in.
    """

    module: Module
    qualname: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: ClassValue | None = None

    @property
    def name(self) -> str:
        """The dotted name, which begins with the module's."""
        return f"{self.module.name}.{self.qualname}"


@_hashed_once
@dataclass(frozen=True, slots=True)
class Instance(_Nested):
    """An instance of a class.

    Attributes:
        cls: The class.
        arguments: What its ``__init__`` was called with, by parameter, where that tells more than annotations do.
        elements: What it holds, for a generic class with one parameter.
        loaded: The relations that are loaded, for an instance of a model; ``None`` where it was not made by a query.
    """

    cls: ClassValue | External
    arguments: tuple[tuple[str, Value], ...] = ()
    elements: Value | None = None
    loaded: frozenset[str] | None = None

    def _inside(self) -> Iterable[Value]:
        return (value for _, value in self.arguments)


def with_attribute(instance: Instance, name: str, value: Value) -> Instance:
    """Return an instance after an attribute of it was set."""
    others = tuple(each for each in instance.arguments if each[0] != f"={name}")
    return replace(instance, arguments=(*others, (f"={name}", value)))


def attribute_set(instance: Instance, name: str) -> Value | None:
    """Return what an attribute of an instance was set to, or ``None`` where it was not."""
    return next((value for each, value in instance.arguments if each == f"={name}"), None)


@_hashed_once
@dataclass(frozen=True, slots=True)
class BoundMethod(_Nested):
    """A method, with the instance or class that it is called on."""

    function: Value
    receiver: Value

    def _inside(self) -> Iterable[Value]:
        return (self.function, self.receiver)


@dataclass(frozen=True, slots=True)
class Super(_Single):
    """What ``super()`` gives: the classes after one in the order of another."""

    after: ClassValue
    receiver: Value


@_hashed_once
@dataclass(frozen=True, slots=True)
class Wrapped(_Nested):
    """What a known decorator makes of a function.

    Attributes:
        kind: ``"marked"``, ``"granted"``, ``"in_thread"``, ``"on_loop"``, ``"manager"`` (of a context), ``"property"``,
            ``"cached"``, ``"static"``, ``"class"`` or ``"atomic"``.
        function: The function.
        detail: What the decorator was told: the mend of a marked call, or the patterns of a grant.
    """

    kind: str
    function: Value
    detail: tuple[str, ...] = ()

    def _inside(self) -> Iterable[Value]:
        return (self.function,)


@_hashed_once
@dataclass(frozen=True, slots=True)
class Partial(_Nested):
    """A callable with some of its arguments given."""

    function: Value
    positional: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]

    def _inside(self) -> Iterable[Value]:
        return (self.function, *self.positional, *(value for _, value in self.named))


@_hashed_once
@dataclass(frozen=True, slots=True)
class TupleValue(_Nested):
    """A tuple or list whose items are known one by one."""

    items: tuple[Value, ...]

    def _inside(self) -> Iterable[Value]:
        return self.items


@_hashed_once
@dataclass(frozen=True, slots=True)
class Collection(_Nested):
    """Something that holds values, or gives them one by one without blocking by itself.

    Attributes:
        kind: The dotted name of its class.
        elements: What iterating gives.
        values: What an index gives, where it is not what iterating gives.
        keyed: What certain keys give, as long as nothing else is put in.
    """

    kind: str
    elements: Value
    values: Value | None = None
    keyed: tuple[tuple[Value, Value], ...] = ()

    def _inside(self) -> Iterable[Value]:
        return (self.elements,) if self.values is None else (self.elements, self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Generator(_Single):
    """A generator that waits to be consumed: what its body does happens there.

    Attributes:
        result: What its body does, and gives.
        elements: What it gives one by one.
        is_async: Whether it is an async generator, whose body the loop runs.
        name: The dotted name of its function.
    """

    result: Result
    elements: Value
    is_async: bool = False
    name: str = ""


@_hashed_once
@dataclass(frozen=True, slots=True)
class Awaitable(_Nested):
    """A coroutine, task or future.

    Attributes:
        result: What awaiting it gives.
        kind: The dotted name of its class.
    """

    result: Value
    kind: str = "types.CoroutineType"

    def _inside(self) -> Iterable[Value]:
        return (self.result,)


@dataclass(frozen=True, slots=True)
class QuerySet(_Single):
    """A queryset or manager of GingerDJ's or Django's ORM.

    Attributes:
        framework: ``"gingerdj"`` or ``"django"``.
        model: The class of its instances, where it is known.
        kind: ``"queryset"``; ``"manager"``, which is not iterable itself; ``"raw"``; or ``"none"``, which asks nothing.
        rows: What an evaluation gives: ``"instances"``, or ``"values"`` for dictionaries, tuples and flat values.
        classes: The project's own classes of it, where it has any.
        loaded: The relations that are loaded together with the instances.
        evaluated: Whether its results are there already.
        by_relation: Whether it is the manager of a relation, of an instance.
    """

    framework: str
    model: Value
    kind: str = "queryset"
    rows: str = "instances"
    classes: tuple[ClassValue, ...] = ()
    loaded: frozenset[str] = frozenset()
    evaluated: bool = False
    by_relation: str = ""


@dataclass(frozen=True, slots=True)
class Union:
    """One of several values.

    Attributes:
        members: The values, by which unions are compared.
        ordered: The values in the order in which they were met, so that every check reads in the same order.
    """

    members: frozenset[Single]
    ordered: tuple[Single, ...] = field(compare=False)

    @property
    def depth(self) -> int:
        """How deep values are nested in it."""
        return max(map(deep, self.ordered), default=0)


if TYPE_CHECKING:
    Single: TypeAlias = _Single
    Value: TypeAlias = _Single | Union

UNKNOWN = Unknown()
NOTHING = Literal(None)
TEXT = Instance(External("str"))


def deep(value: Value) -> int:
    """Return how deep values are nested in one."""
    return value.depth


def each(value: Value) -> Iterable[_Single]:
    """Return what a value may be, one by one."""
    return value.ordered if isinstance(value, Union) else (value,)


def _all(values: Iterable[Value]) -> Iterator[_Single]:
    for value in values:
        if isinstance(value, Union):
            yield from value.ordered
        else:
            yield value


def join(*values: Value) -> Value:
    """Return what may be any of several values; what is nested or told apart too far cannot be told."""
    if len(values) == 1:
        return values[0]
    members = tuple(dict.fromkeys(_all(values)))
    if len(members) == 1:
        return members[0]
    if not members or len(members) > _MOST_MEMBERS:
        return UNKNOWN
    return Union(frozenset(members), members)


def join_known(values: Iterable[Value]) -> Value:
    """Return what may be any of several values: what cannot be told of one does not hide the others."""
    known = [value for value in values if not isinstance(value, Unknown)]
    if len(known) == 1:
        return known[0]
    return join(*known) if known else UNKNOWN


def shallow(value: Value) -> Value:
    """Return a value, or that it is unknown where it is nested too deep to be carried further."""
    return UNKNOWN if value.depth > _DEEPEST else value
