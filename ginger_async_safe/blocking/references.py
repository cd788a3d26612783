"""Redirecting references taken before the guard was on: imported names, defaults, closures, partials, bound methods.

The garbage collector finds all references to an object in one pass over the heap. What contains them is changed in
place, as far as Python can: containers, cells, attributes, partials, and the defaults of functions.
"""

from __future__ import annotations

import functools
import sys
from collections import Counter
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime import modules
from ginger_async_safe._runtime.heap import (
    at_once,
    calling,
    holders,
    identity,
    ids_of_referents,
    is_partly_frozen,
    of_kinds,
    subclasses,
)
from ginger_async_safe.blocking.bound import KEPT
from ginger_async_safe.blocking.exchange import (
    exchange,
    exchange_in,
    exchange_in_attributes,
    exchange_in_partials,
    exchanged,
    namespaces_with,
)
from ginger_async_safe.blocking.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ginger_async_safe.blocking.exchange import News, Rest
    from ginger_async_safe.blocking.patches import Replacement

__all__ = ["redirect"]


def redirect(changes: Sequence[tuple[object, object]], ours: Iterable[Replacement]) -> None:
    """Redirect all references to objects to their replacements.

    Args:
        changes: The objects, each with its replacement.
        ours: The patches, which keep their references to what they replace.
    """
    if not changes:
        return
    new = {identity(old): put for old, put in changes}
    _change_back(new)
    own: list[object] = [new, changes, *changes]
    for each in ours:
        own += (each, each.target, vars(each.function), *(each.function.__closure__ or ()))
    homes = _homes(changes, ours)
    spared = frozenset(map(identity, [*own, *_kept_namespaces()]))
    exchange_in(homes, new, spared)
    sought = _held_elsewhere(changes, [*own, *homes])
    if not sought:
        return
    if is_partly_frozen():
        exchange_in([modules.namespace(each) for each in _loaded()], new, spared)
    spared |= {identity(sought)}
    rest = exchange(sought, new, spared)
    exchange_in_attributes(rest.kinds, sought, new, spared)
    _change_through_holders(rest, new)


def _loaded() -> Iterator[Any]:
    return filter(modules.is_module, list(sys.modules.values()))


def _kept_namespaces() -> list[object]:
    return [
        modules.namespace(module)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in KEPT and modules.is_module(module)
    ]


def _homes(changes: Iterable[tuple[object, object]], ours: Iterable[Replacement]) -> list[object]:
    """Return the namespaces of the functions' modules, and the sets in them, as ``os`` has some."""
    homes = [each.target.holder for each in ours]
    homes += [getattr(function, "__self__", None) for change in changes for function in change]
    namespaces = {identity(holder): modules.namespace(holder) for holder in homes if modules.is_module(holder)}
    sets: list[object] = []
    at_once([calling(sets.extend, of_kinds(each.values(), [set])) for each in namespaces.values()], [])
    return [*namespaces.values(), *sets]


def _held_elsewhere(changes: Iterable[tuple[object, object]], known: Iterable[object]) -> tuple[object, ...]:
    """Return the objects that have more references than the known ones: for the others, no search is needed."""
    counts = Counter(ids_of_referents(known))
    alone = _count_of((object(), None)) - 1
    return tuple(change[0] for change in changes if _count_of(change) - alone > counts[identity(change[0])])


def _count_of(change: tuple[object, object]) -> int:
    return sys.getrefcount(change[0])


def _change_through_holders(rest: Rest, new: News) -> None:
    """Change what contains tuples, static methods and namespaces of classes, which cannot be changed themselves."""
    of_static_methods = namespaces_with(rest.static_methods) if rest.static_methods else []
    namespaces = {identity(each): each for each in (*rest.namespaces, *of_static_methods)}
    kinds: list[type] = []
    if rest.tuples:
        kinds += [FunctionType, *subclasses(functools.partial)]
    if namespaces:
        kinds += subclasses(type)
    if not kinds:
        return
    found = holders(kinds, rest.tuples | namespaces.keys())
    partials: list[functools.partial[Any]] = []
    while found:
        holder = found.pop()
        if type(holder) is FunctionType:
            if holder.__defaults__ is not None and identity(holder.__defaults__) in rest.tuples:
                holder.__defaults__ = exchanged(holder.__defaults__, new)
        elif issubclass(type(holder), functools.partial):
            partials.append(holder)
        else:
            for key in namespaces.keys() & set(ids_of_referents([holder])):
                _change_class(holder, namespaces.pop(key), new)
    exchange_in_partials(partials, new)
    exchange_in(
        [*namespaces.values()], new, frozenset()
    )  # no class has them: they only looked like namespaces of classes


def _change_class(holder: type, namespace: dict[str, Any], new: News) -> None:
    for name in list(namespace):
        value = namespace.get(name)
        function = value.__func__ if type(value) is staticmethod else value
        put: Any = new.get(identity(function))
        if put is None:
            continue
        if function is not value or (isinstance(value, BuiltinFunctionType) and isinstance(put, FunctionType)):
            _put_static_method(holder, name, value, put)  # in a class, a Python function binds, and one in C does not
        else:
            Target(holder, name, value).replace(put)


def _put_static_method(holder: type, name: str, value: object, put: Any) -> None:  # noqa: ANN401 - any callable
    method = staticmethod(put)
    _in_classes.append((holder, name, method, value))
    Target(holder, name, value).replace(method)


_in_classes: list[tuple[type, str, staticmethod[..., Any], object]] = []
"""Static methods that were put into classes, with what they replaced."""


def _change_back(new: News) -> None:
    """Restore what static methods replaced, if their function is to be exchanged back."""
    for each in [each for each in _in_classes if identity(each[2].__func__) in new]:
        holder, name, method, value = each
        if vars(holder).get(name) is method:
            Target(holder, name, method).replace(value)
        _in_classes.remove(each)
