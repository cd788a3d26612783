"""Redirecting what a program took hold of earlier: names it imported, defaults, closures, partials, bound methods.

The garbage collector knows who refers to an object, and finds all of it in one pass over the heap. What refers is
changed in place, as far as Python can: containers, cells, attributes, partials, and the defaults of functions.
"""

from __future__ import annotations

import functools
import gc
import itertools
import sys
from collections import Counter
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.targets import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Replacement

    News = Mapping[int, object]

__all__ = ["bound_methods", "redirect"]

_KEPT = frozenset({"ginger_async_safe", "asyncio", "uvloop", "trio", "_io", "_thread"})
"""Packages whose own names stay: what they call is no violation, and is called often."""

_FROZEN_BY_PYTHON = 2000
"""More objects than Python 3.12 freezes itself when it starts, and fewer than a program that calls ``gc.freeze()`` has."""

_METHODS = frozenset({BuiltinFunctionType, MethodType})


def redirect(changes: Sequence[tuple[object, object]], ours: Iterable[Replacement]) -> None:
    """Have all that refers to an object refer to another one.

    Args:
        changes: The objects, each with the one that takes its place.
        ours: The replacements, which go on referring to what they replace.
    """
    if not changes:
        return
    new = {id(old): put for old, put in changes}
    _change_back(new)
    own: list[object] = [new, changes, *changes]
    for each in ours:
        own += (each, each.target, vars(each.function), *(each.function.__closure__ or ()))
    homes = _homes(changes, ours)
    for holder in homes:
        _change(holder, new)
    spared = set(map(id, own))
    fixed = []
    for holder in _holders(_held_elsewhere(changes, [*own, *homes])):
        if id(holder) in spared:
            continue
        if type(holder) in {tuple, staticmethod} or _is_of_class(holder):
            fixed.append(holder)
        else:
            _change(holder, new)
    if fixed:
        _change_through_referrers(fixed, new)


def _homes(changes: Iterable[tuple[object, object]], ours: Iterable[Replacement]) -> list[object]:
    """Return where functions are at home: the namespaces of their modules, and the sets in there, as ``os`` has some."""
    modules = [each.target.owner for each in ours]
    modules += [getattr(function, "__self__", None) for change in changes for function in change]
    namespaces = {id(module): vars(module) for module in modules if isinstance(module, ModuleType)}
    return [
        *namespaces.values(),
        *(value for namespace in namespaces.values() for value in list(namespace.values()) if type(value) is set),
    ]


def _held_elsewhere(changes: Iterable[tuple[object, object]], known: Iterable[object]) -> list[object]:
    """Return what is to be changed and has more references than those that are known: the others need no search."""
    counts = Counter(map(id, gc.get_referents(*known)))
    alone = _count_of((object(), None)) - 1
    return [change[0] for change in changes if _count_of(change) - alone > counts[id(change[0])]]


def _count_of(change: tuple[object, object]) -> int:
    return sys.getrefcount(change[0])


def _holders(sought: Sequence[object]) -> list[object]:
    if not sought:
        return []
    holders = gc.get_referrers(*sought)
    if gc.get_freeze_count() > _FROZEN_BY_PYTHON:  # what is frozen, the collector does not look into
        holders += [vars(module) for module in list(sys.modules.values()) if isinstance(module, ModuleType)]
    return holders


def bound_methods(
    replacements: Mapping[BlockingCall, Replacement],
) -> Iterator[tuple[BlockingCall, tuple[object, object]]]:
    """Yield the methods that the program has bound to an object, each with its rule and the one that checks.

    Those of locks stay: every condition and queue binds some, and what they wait for is judged where it is theirs.
    """
    of_class = {
        (each.target.owner, each.target.name): (rule, each)
        for rule, each in replacements.items()
        if isinstance(each.target.owner, type) and each.target.owner.__module__ not in _KEPT
    }
    names = {name for _, name in of_class}
    of_function = {id(each.original): (rule, each) for rule, each in replacements.items()}
    objects = gc.get_objects()
    for method in itertools.compress(objects, map(_METHODS.__contains__, map(type, objects))):
        found = None
        if type(method) is MethodType:
            found = of_function.get(id(method.__func__))
        elif method.__name__ in names:
            kinds = type(method.__self__).__mro__
            found = next(
                (of_class[kind, method.__name__] for kind in kinds if (kind, method.__name__) in of_class), None
            )
        if found is not None:
            rule, replacement = found
            yield rule, (method, MethodType(replacement.function, method.__self__))


def _change(holder: Any, new: News) -> None:  # noqa: ANN401 - whatever it is
    kind = type(holder)
    change = _CHANGES.get(kind)
    if change is not None:
        change(holder, new)
    elif issubclass(kind, functools.partial):
        _change_partial(holder, new)
    elif not issubclass(kind, type):
        _change_attributes(holder, new)


def _change_set(holder: set[Any], new: News) -> None:
    for value in [value for value in holder if id(value) in new]:
        holder.remove(value)
        holder.add(new[id(value)])


def _change_list(holder: list[Any], new: News) -> None:
    for at, value in enumerate(holder):
        if id(value) in new:
            holder[at] = new[id(value)]


def _change_cell(holder: CellType, new: News) -> None:
    if id(holder.cell_contents) in new:
        holder.cell_contents = new[id(holder.cell_contents)]


def _change_partial(holder: functools.partial[Any], new: News) -> None:
    state: Any = holder.__reduce__()[2]  # as pickle has it
    function, args, keywords, others = state
    changed = (new.get(id(function), function), _changed(args, new), _changed_values(keywords, new), others)
    holder.__setstate__(changed)  # type: ignore[attr-defined]


def _change_dict(holder: dict[Any, Any], new: News) -> None:
    if new.keys().isdisjoint(map(id, holder.values())) or str(holder.get("__name__")).partition(".")[0] in _KEPT:
        return
    for key, value in list(holder.items()):
        if id(value) in new:
            holder[key] = new[id(value)]


_CHANGES: dict[type, Callable[[Any, News], None]] = {
    dict: _change_dict,
    set: _change_set,
    list: _change_list,
    CellType: _change_cell,
}


def _is_of_class(holder: object) -> bool:
    """Tell whether a holder is the namespace of a class, as it looks."""
    return type(holder) is dict and "__module__" in holder and "__name__" not in holder


def _change_through_referrers(fixed: Sequence[object], new: News) -> None:
    """Change what holds tuples, static methods and the namespaces of classes, which cannot be changed themselves."""
    tuples = {id(each) for each in fixed if type(each) is tuple}
    methods = {id(each) for each in fixed if type(each) is staticmethod}
    namespaces = {id(each): each for each in fixed if type(each) is dict}
    referrers = gc.get_referrers(*fixed)
    further = {
        id(each): each
        for each in referrers
        if methods and type(each) is dict and id(each) not in namespaces and _is_of_class(each)
    }
    if further:
        namespaces |= further
        referrers += gc.get_referrers(*further.values())
    owners = {
        id(each): owner for owner in referrers if issubclass(type(owner), type) for each in gc.get_referents(owner)
    }
    for each in referrers:
        if issubclass(type(each), functools.partial):
            _change(each, new)
        elif type(each) is FunctionType and id(each.__defaults__) in tuples:
            each.__defaults__ = _changed(each.__defaults__, new)
    for key, namespace in namespaces.items():
        if key in owners:
            _change_class(owners[key], namespace, new)
        else:
            _change_dict(namespace, new)


def _change_class(owner: type, namespace: dict[str, Any], new: News) -> None:
    for name, value in list(namespace.items()):
        function = value.__func__ if type(value) is staticmethod else value
        put: Any = new.get(id(function))
        if put is None:
            continue
        if function is not value or (isinstance(value, BuiltinFunctionType) and isinstance(put, FunctionType)):
            _put_static_method(owner, name, value, put)  # in a class, a Python function binds, and one in C does not
        else:
            Target(owner, name, value).replace(put)


def _put_static_method(owner: type, name: str, value: object, put: Any) -> None:  # noqa: ANN401 - any callable
    method = staticmethod(put)
    _in_classes.append((owner, name, method, value))
    Target(owner, name, value).replace(method)


_in_classes: list[tuple[type, str, staticmethod[..., Any], object]] = []
"""Static methods that were put into classes, with what they took the place of."""


def _change_back(new: News) -> None:
    """Put back what static methods took the place of, where it is their function that is to go."""
    for each in [each for each in _in_classes if id(each[2].__func__) in new]:
        _in_classes.remove(each)
        owner, name, method, value = each
        if vars(owner).get(name) is method:
            Target(owner, name, method).replace(value)


def _change_attributes(holder: object, new: News) -> None:
    for kind in type(holder).__mro__:
        for descriptor in list(vars(kind).values()):
            if type(descriptor) is GetSetDescriptorType and descriptor.__name__ == "__dict__":
                _change_dict(descriptor.__get__(holder), new)
            elif type(descriptor) is MemberDescriptorType and "__slots__" in vars(kind):
                try:
                    value = descriptor.__get__(holder)
                except AttributeError:  # it is empty
                    continue
                if id(value) in new:
                    descriptor.__set__(holder, new[id(value)])


def _changed(values: Iterable[Any] | None, new: News) -> tuple[Any, ...]:
    return tuple(new.get(id(each), each) for each in values or ())


def _changed_values(values: Mapping[str, Any], new: News) -> dict[str, Any]:
    return {key: new.get(id(value), value) for key, value in values.items()}
