"""Abstract values: what an expression may be, as far as the source shows.

Values are immutable and compared by their contents, so that a function is evaluated once for the same arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Hashed, Nested, Single, Union, Unknown, hashed_once, join
from ginger_async_safe.lint.domain.kinds import Decoration, Kind, QuerySetKind, Rows

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from ginger_async_safe.blocking.clauses import State
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.scopes import Result, Scope
    from ginger_async_safe.lint.source.project import Module

__all__ = [
    "NOTHING",
    "SOMETHING",
    "TEXT",
    "AbstractMethod",
    "Awaitable",
    "BoundMethod",
    "ClassValue",
    "Closure",
    "Collection",
    "Constant",
    "Decorated",
    "External",
    "Fact",
    "FunctionValue",
    "Generator",
    "Instance",
    "ModuleValue",
    "Partial",
    "QuerySet",
    "Super",
    "TupleValue",
    "TypeForm",
    "attribute_set",
    "function_at",
    "has_unknown_contents",
    "is_queue",
    "shared",
    "with_attribute",
    "with_fact",
]


@dataclass(frozen=True, slots=True)
class Constant(Single):
    """A constant.

    Attributes:
        value: The constant.
        kind: Its type; ``1`` and ``True`` are not the same constant.
    """

    value: object
    kind: type = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value))

    @property
    def decides(self) -> bool:  # type: ignore[override]
        """Whether it is ``None``, a truth value or a number: little but the outcome of tests depends on it."""
        return not isinstance(self.value, (str, bytes))


@dataclass(frozen=True, slots=True)
class External(Single):
    """A module, class or function of outside code, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleValue(Single):
    """A module of the project."""

    module: Module


@hashed_once
@dataclass(frozen=True, slots=True)
class ClassValue(Hashed):
    """A class of the project.

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


@hashed_once
@dataclass(frozen=True, slots=True)
class FunctionValue(Hashed):
    """A function of the project, defined in a module or a class.

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
class Closure(Single):
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


class Fact(Kind):
    """What is known of an instance beside its class, and beside the states that conditions of rules ask for."""

    CURRENT = "the thread of the code, or the event loop that runs in it"
    MADE_HERE = "made by its constructor, not by a query"
    FRESH = "an instance of a class of fields, made on the way here: nothing else has set them"
    MAIN = "the main thread"
    WRITTEN = "a file opened for writing"


_NO_FACTS: frozenset[Fact | State] = frozenset()


@hashed_once
@dataclass(frozen=True, slots=True)
class Instance(Nested):
    """An instance of a class.

    Attributes:
        cls: The class.
        arguments: What its ``__init__`` was called with, by parameter, where that is more precise than annotations.
        elements: What it holds, for a generic class with one parameter.
        loaded: The relations that are loaded, for an instance of a model; ``None`` where it was not made by a query.
        facts: What else is known of it.
        attributes: The attributes that were set after it was made, in their order.
        origin: The dotted name of the variable of a module that holds it, where it may be a registry.
        parameters: What the type parameters of its class stand for, in their order.
    """

    cls: ClassValue | External
    arguments: tuple[tuple[str, Value], ...] = ()
    elements: Value | None = None
    loaded: frozenset[str] | None = None
    facts: frozenset[Fact | State] = _NO_FACTS
    attributes: tuple[tuple[str, Value], ...] = ()
    origin: str = ""
    parameters: tuple[Value, ...] = ()

    def _inside(self) -> Iterable[Value]:
        return (*(value for _, value in (*self.arguments, *self.attributes)), *self.parameters)


def with_attribute(instance: Instance, name: str, value: Value) -> Instance:
    """Return an instance after an attribute of it was set."""
    others = tuple(each for each in instance.attributes if each[0] != name)
    return replace(instance, attributes=(*others, (name, value)))


def with_fact(instance: Instance, fact: Fact | State, *, holds: bool = True) -> Instance:
    """Return an instance with a fact, or without it."""
    if (fact in instance.facts) is holds:
        return instance
    return replace(instance, facts=instance.facts ^ {fact})


def shared(value: Value) -> Value:
    """Return a value of a module or an object, which others reach: they may set attributes of an instance."""
    if isinstance(value, Instance):
        return with_fact(value, Fact.FRESH, holds=False)
    return join(*map(shared, value.ordered)) if isinstance(value, Union) else value


def attribute_set(instance: Instance, name: str) -> Value | None:
    """Return what an attribute of an instance was set to, or ``None`` where it was not."""
    return next((value for each, value in instance.attributes if each == name), None)


@hashed_once
@dataclass(frozen=True, slots=True)
class BoundMethod(Nested):
    """A method, with the instance or class that it is called on."""

    function: Value
    receiver: Value

    def _inside(self) -> Iterable[Value]:
        return (self.function, self.receiver)


@hashed_once
@dataclass(frozen=True, slots=True)
class AbstractMethod(Nested):
    """A method of an instance of an abstract class that is abstract, or that uses abstract methods of the instance.

    Attributes:
        declared: The method of the abstract class, which says what it returns.
        cls: The abstract class.
        name: The name of the method.
    """

    declared: Value
    cls: ClassValue
    name: str

    def _inside(self) -> Iterable[Value]:
        return (self.declared,)


@dataclass(frozen=True, slots=True)
class Super(Single):
    """What ``super()`` gives: the classes after one in the order of another."""

    after: ClassValue
    receiver: Value


@hashed_once
@dataclass(frozen=True, slots=True)
class Decorated(Nested):
    """The result of a known decorator.

    Attributes:
        kind: What the decorator makes of the function.
        function: The function.
        detail: The arguments of the decorator: the fix of a marked call, or the patterns of a grant.
    """

    kind: Decoration
    function: Value
    detail: tuple[str, ...] = ()

    @property
    def is_property(self) -> bool:
        """Whether its function is called where an attribute is read."""
        return self.kind is Decoration.PROPERTY or self.kind is Decoration.CACHED_PROPERTY

    def _inside(self) -> Iterable[Value]:
        return (self.function,)


@hashed_once
@dataclass(frozen=True, slots=True)
class Partial(Nested):
    """A callable with some of its arguments given."""

    function: Value
    positional: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]

    def _inside(self) -> Iterable[Value]:
        return (self.function, *self.positional, *(value for _, value in self.named))


@hashed_once
@dataclass(frozen=True, slots=True)
class TupleValue(Nested):
    """A tuple or list whose items are each known."""

    items: tuple[Value, ...]

    def _inside(self) -> Iterable[Value]:
        return self.items


@hashed_once
@dataclass(frozen=True, slots=True)
class Collection(Nested):
    """A container, or an iterator that does not itself block.

    Attributes:
        kind: The dotted name of its class.
        elements: What iterating gives.
        values: What an index gives, where it is not what iterating gives.
        keyed: The values of certain keys, as long as nothing else is put in.
    """

    kind: str
    elements: Value
    values: Value | None = None
    keyed: tuple[tuple[Value, Value], ...] = ()

    def _inside(self) -> Iterable[Value]:
        return (self.elements,) if self.values is None else (self.elements, self.values)


@hashed_once
@dataclass(frozen=True, slots=True)
class TypeForm(Nested):
    """What a type expression evaluates to, such as ``list[Item]`` or ``Item | None``; annotations may name it.

    Attributes:
        stands_for: What is annotated with it.
        origin: The class that it can be called as; unknown where there is none.
        variable: The name of the type variable that it is, if it is one.
    """

    stands_for: Value
    origin: Value = UNKNOWN
    variable: str = ""

    def _inside(self) -> Iterable[Value]:
        return (self.stands_for,)


_QUEUES = frozenset(
    f"{module}.{name}"
    for module in ("asyncio", "queue", "multiprocessing")
    for name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")
)


def is_queue(value: Value) -> bool:
    """Return whether a value is a queue, of threads, processes or tasks."""
    return isinstance(value, Instance) and isinstance(value.cls, External) and value.cls.name in _QUEUES


def has_unknown_contents(value: Value) -> bool:
    """Return whether a value is a container, such as an empty one, that does not show what it is to hold."""
    if isinstance(value, Collection):
        held = value.elements if value.values is None else value.values
        return isinstance(held, Unknown) or has_unknown_contents(held)
    if isinstance(value, Instance):
        return value.elements is None and is_queue(value)
    return isinstance(value, TupleValue) and not value.items


@dataclass(frozen=True, slots=True, eq=False)
class Generator(Single):
    """A generator whose body has not run: its events happen where it is consumed.

    Attributes:
        result: The result of its body.
        elements: What it yields.
        is_async: Whether it is an async generator, whose body the event loop runs.
        name: The dotted name of its function.
    """

    result: Result
    elements: Value
    is_async: bool = False
    name: str = ""


@hashed_once
@dataclass(frozen=True, slots=True)
class Awaitable(Nested):
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
class QuerySet(Single):
    """A queryset or manager of GingerDJ's or Django's ORM.

    Attributes:
        framework: ``"gingerdj"`` or ``"django"``.
        model: The class of its instances, where it is known.
        kind: What it can be used for.
        rows: What an evaluation gives.
        classes: The project's own classes of it, where it has any.
        loaded: The relations that are loaded together with the instances.
        is_evaluated: Whether its results are loaded.
        by_relation: The name of the relation whose manager it is; empty for other managers.
    """

    framework: str
    model: Value
    kind: QuerySetKind = QuerySetKind.QUERYSET
    rows: Rows = Rows.INSTANCES
    classes: tuple[ClassValue, ...] = ()
    loaded: frozenset[str] = frozenset()
    is_evaluated: bool = False
    by_relation: str = ""


NOTHING = Constant(None)
TEXT = Instance(External("str"))
SOMETHING = Instance(External("object"))
"""Something that is not known, but is neither ``None`` nor false."""
