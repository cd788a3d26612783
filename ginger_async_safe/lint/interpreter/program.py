"""The program: what is found out once about its names, classes and models, as far as the evaluation needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.bases import UNKNOWN, join_known
from ginger_async_safe.lint.domain.values import ClassValue
from ginger_async_safe.lint.interpreter.memo import Memo, RecursiveMemo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.kinds import Limit
    from ginger_async_safe.lint.domain.relations import Relation
    from ginger_async_safe.lint.domain.scopes import Arguments
    from ginger_async_safe.lint.domain.values import Closure, External, FunctionValue, Instance
    from ginger_async_safe.lint.interpreter.recursion import Evaluation, Recursion
    from ginger_async_safe.lint.knowledge.orm import BaseClass
    from ginger_async_safe.lint.source.fills import Fill
    from ginger_async_safe.lint.source.project import Module
    from ginger_async_safe.lint.source.shared_state import Store

    Order: TypeAlias = tuple[ClassValue | External, ...]
    Found: TypeAlias = tuple[Value, ClassValue | External]

__all__ = ["AbstractCall", "AbstractCalls", "Classes", "Fills", "Imports", "Models", "Names", "Shared"]


class Names:
    """The names of modules.

    Attributes:
        values: The values of names; ``None`` where a module does not bind one.
        being_bound: The names whose values are being found out, each with the index of the current binding.
    """

    def __init__(self, recursion: Recursion) -> None:
        self.values: RecursiveMemo[tuple[Module, str], Value | None] = RecursiveMemo(
            recursion, lambda key: (None, key[0].bit)
        )
        self.being_bound: dict[tuple[Module, str], int] = {}


class Classes:
    """The classes of the project.

    Attributes:
        orders: Their method resolution orders.
        members: What they bind names to; ``None`` where a class does not bind one.
        found: What their method resolution orders bind names to.
        fields: Their annotated names.
        parameters: The names of their type parameters.
        abstract_methods: Their sync methods that are abstract.
        abstract_used: The abstract methods that a method of theirs is or uses.
        implementers: The classes that implement these.
        assigning_methods: Their methods that assign to attributes of their instance, by attribute.
        assigned_by: The attributes that methods assign.
        attributes: What methods assign to attributes of instances; ``None`` where no method assigns to one.
        assigning: The methods that are being evaluated for the attributes that they assign, with their frames.
    """

    def __init__(self, recursion: Recursion) -> None:
        self.orders: Memo[ClassValue, Order] = Memo(lambda cls: ((cls,), cls.module.bit))
        self.members: RecursiveMemo[tuple[ClassValue, str], Value | None] = RecursiveMemo(
            recursion, lambda key: (UNKNOWN, key[0].module.bit)
        )
        self.found: dict[tuple[ClassValue, str, ClassValue | None], tuple[Found | None, int]] = {}
        self.fields: Memo[ClassValue, list[str]] = Memo(lambda cls: ([], cls.module.bit))
        self.parameters: Memo[ClassValue, tuple[str, ...]] = Memo(lambda cls: ((), cls.module.bit))
        self.abstract_methods: Memo[ClassValue, frozenset[str]] = Memo(lambda cls: (frozenset(), cls.module.bit))
        self.abstract_used: Memo[tuple[ClassValue, str], frozenset[str]] = Memo(
            lambda key: (frozenset(), key[0].module.bit)
        )
        self.implementers: Memo[tuple[ClassValue, str], tuple[ClassValue, ...]] = Memo(
            lambda key: ((), key[0].module.bit)
        )
        self.assigning_methods: Memo[ClassValue, Mapping[str, list[FunctionValue | Closure]]] = Memo(
            lambda cls: ({}, cls.module.bit)
        )
        self.assigned_by: RecursiveMemo[Evaluation, Mapping[str, Value]] = RecursiveMemo(
            recursion, self._assigned_so_far, keeps=lambda _, is_outermost: not is_outermost
        )
        self.attributes: RecursiveMemo[tuple[Instance, str], Value | None] = RecursiveMemo(
            recursion, self._attribute_so_far, keeps=lambda key, _: not self._is_being_assigned(key[0])
        )
        self.assigning: dict[Evaluation, Frame] = {}

    def _assigned_so_far(self, method: Evaluation) -> tuple[Mapping[str, Value], int]:
        """Return what a method that is being evaluated for the attributes that it assigns has assigned so far."""
        frame = self.assigning.get(method)
        if frame is None:
            return {}, method.function.module.bit
        return {name: join_known(values) for name, values in frame.attributes_ever.items()}, frame.modules

    def _is_being_assigned(self, instance: Instance) -> bool:
        """Return whether a method that is being evaluated may yet assign to an attribute of an instance."""
        return any(method.receiver == instance for method in self.assigning)

    def _attribute_so_far(self, key: tuple[Instance, str]) -> tuple[Value | None, int]:
        """Return what the methods that are being evaluated have assigned to an attribute so far."""
        instance, name = key
        found: list[Value] = []
        modules = instance.cls.module.bit if isinstance(instance.cls, ClassValue) else 0
        for method, frame in self.assigning.items():
            if method.receiver == instance and name in frame.attributes_ever:
                found += frame.attributes_ever[name]
                modules |= frame.modules
        return join_known(found), modules

    def forget_attributes(self) -> None:
        """Forget what is assigned to attributes of instances, which may depend on calls."""
        self.assigned_by.forget()
        self.attributes.forget()


class AbstractCall(NamedTuple):
    """A call of an abstract method.

    Attributes:
        cls: The abstract class.
        name: The method.
        arguments: The constants among the arguments.
    """

    cls: ClassValue
    name: str
    arguments: Arguments


class AbstractCalls:
    """The calls of abstract methods that are among the events, and what their implementations do.

    Attributes:
        by_id: The calls, by the ids of their events.
        events: By the same ids, the events of their implementations, each with the class of one, the modules that they
            depend on, and the limits that cut the implementations short.
        quiet: Whether no implementation blocks, nor one that these call, the modules that this depends on, and the limits.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, AbstractCall] = {}
        self.events: dict[str, tuple[tuple[tuple[ClassValue, Finding], ...], int, frozenset[Limit]]] = {}
        self.quiet: dict[str, tuple[bool, int, frozenset[Limit]]] = {}


class Fills:
    """The containers that are filled elsewhere than where they are made.

    Attributes:
        by_name: The lines that may fill a container of a name, with their modules.
        contents: What is put into a container: a variable, by its dotted name, or an attribute of a class.
    """

    def __init__(self, recursion: Recursion) -> None:
        self.by_name: dict[str, list[tuple[Module, Fill]]] = {}
        self.contents: RecursiveMemo[str | tuple[ClassValue, str], Value] = RecursiveMemo(
            recursion, lambda _: (UNKNOWN, 0)
        )

    def add(self, module: Module, fills: Iterable[Fill]) -> None:
        """Add the lines of a module."""
        for fill in fills:
            self.by_name.setdefault(fill.name, []).append((module, fill))


class Imports:
    """What modules have done once they are imported.

    Attributes:
        cached: The functions with a cache that have been called without arguments.
        names: The names of modules that have been set by a function, which does so where they are not set yet.
    """

    __slots__ = ("cached", "names")

    def __init__(self) -> None:
        self.cached: set[FunctionValue] = set()
        self.names: set[tuple[Module, str]] = set()

    def digest_lines(self) -> list[str]:
        """Return all names, in order."""
        return sorted(
            [*(function.name for function in self.cached), *(f"{module.name}.{name}" for module, name in self.names)]
        )


class Models:
    """The models of the project.

    Attributes:
        frameworks: The framework that a class derives a model, manager or queryset from; ``None`` where it does not.
        relations: The relations from other models, by the model that they lead to.
        are_possible: Whether any file names a framework.
    """

    def __init__(self) -> None:
        self.are_possible: bool = False
        self.frameworks: Memo[tuple[ClassValue, BaseClass], str | None] = Memo(lambda key: (None, key[0].module.bit))
        self.relations: Memo[None, Mapping[ClassValue, Mapping[str, Relation]]] = Memo(lambda _: ({}, 0))
        self._by_name: dict[str, list[tuple[Module, str]]] = {}
        self._with_relations: list[tuple[Module, str]] = []

    def add(self, module: Module, classes: Iterable[str], with_relations: Iterable[str]) -> None:
        """Add the classes of a module.

        Args:
            module: The module.
            classes: The qualified names of its classes.
            with_relations: Of those, the ones that may have relations to others.
        """
        for name in classes:
            self._by_name.setdefault(name.rpartition(".")[2], []).append((module, name))
        self._with_relations += [(module, name) for name in with_relations]

    def named(self, name: str) -> list[ClassValue]:
        """Return the classes of a name, in all modules."""
        return [ClassValue(module, qualname) for module, qualname in self._by_name.get(name, ())]

    def with_relations(self) -> list[ClassValue]:
        """Return the classes that may have relations to others."""
        return [ClassValue(module, qualname) for module, qualname in self._with_relations]


class Shared:
    """The shared state of web applications.

    Attributes:
        stores: What puts something there, by place.
        by_function: What each of them puts there, by place, with the modules that this depends on.
        recorded: What the current evaluation puts there, while this is searched for.
    """

    def __init__(self) -> None:
        self.stores: dict[str, list[tuple[Module, Store]]] = {}
        self.by_function: dict[tuple[Module, str, int], tuple[dict[str, list[Value]], int]] = {}
        self.recorded: dict[str, list[Value]] | None = None

    def add(self, module: Module, stores: Iterable[Store]) -> None:
        """Add the functions of a module that put something there."""
        for store in stores:
            self.stores.setdefault(store.place, []).append((module, store))
