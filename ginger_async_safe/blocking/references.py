"""Redirecting what a program took hold of earlier: names it imported, defaults, closures, partials, bound methods.

The garbage collector knows who refers to an object, and finds all of it in one pass over the heap. What refers is
changed in place, as far as Python can: containers, cells, attributes, partials, and the defaults of functions.
"""

from __future__ import annotations

import functools
import gc
import sys
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
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Replacement

    News = Mapping[int, object]

__all__ = ["bound_methods", "redirect"]

_KEPT = frozenset({"ginger_async_safe", "asyncio", "uvloop", "trio", "_io", "_thread"})
"""Packages whose own names stay: what they call is no violation, and is called often."""


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
    spared = {id(new), id(changes), *map(id, changes)}
    for each in ours:
        spared |= {id(each), id(vars(each)), id(vars(each.function)), id(each.target)}
        spared |= set(map(id, each.function.__closure__ or ()))
    tuples = []
    holders = gc.get_referrers(*(old for old, _ in changes))
    if gc.get_freeze_count():  # what is frozen, the collector does not look into
        holders += [vars(module) for module in list(sys.modules.values()) if isinstance(module, ModuleType)]
    for holder in holders:
        if id(holder) in spared:
            continue
        if type(holder) is tuple:
            tuples.append(holder)
        else:
            _change(holder, new)
    _change_defaults(tuples, new)


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
    for method in [each for each in gc.get_objects() if type(each) in {BuiltinFunctionType, MethodType}]:
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
    if kind is dict:
        _change_dict(holder, new)
    elif kind is list:
        for at, value in enumerate(holder):
            if id(value) in new:
                holder[at] = new[id(value)]
    elif kind is CellType:
        if id(holder.cell_contents) in new:
            holder.cell_contents = new[id(holder.cell_contents)]
    elif isinstance(holder, functools.partial):
        state: Any = holder.__reduce__()[2]  # as pickle has it
        function, args, keywords, others = state
        changed = (new.get(id(function), function), _changed(args, new), _changed_values(keywords, new), others)
        holder.__setstate__(changed)  # type: ignore[attr-defined]
    elif kind is staticmethod:
        _change_static_method(holder, new)
    elif not isinstance(holder, type):
        _change_attributes(holder, new)


def _change_dict(holder: dict[Any, Any], new: News) -> None:
    if new.keys().isdisjoint(map(id, holder.values())) or str(holder.get("__name__")).partition(".")[0] in _KEPT:
        return
    is_class = "__module__" in holder and "__name__" not in holder
    for key, value in list(holder.items()):
        if id(value) not in new:
            continue
        if is_class and isinstance(key, str) and _change_class(holder, key, value, new):
            continue
        holder[key] = new[id(value)]


def _change_class(namespace: dict[Any, Any], name: str, value: object, new: News) -> bool:
    """Change an attribute of the class that has this namespace, where a class has it."""
    owner = _class_of(namespace)
    if owner is None:
        return False
    put: Any = new[id(value)]
    if isinstance(value, BuiltinFunctionType) and isinstance(put, FunctionType):
        _put_static_method(owner, name, value, put)  # in a class, a Python function binds, and one in C does not
    else:
        Target(owner, name, value).replace(put)
    return True


def _change_static_method(method: staticmethod[..., Any], new: News) -> None:
    for namespace in gc.get_referrers(method):
        owner = _class_of(namespace) if type(namespace) is dict else None
        if owner is not None:
            for name in [name for name, value in namespace.items() if value is method]:
                _put_static_method(owner, name, method, new[id(method.__func__)])


def _class_of(namespace: dict[Any, Any]) -> type | None:
    for owner in gc.get_referrers(namespace):
        if isinstance(owner, type) and any(each is namespace for each in gc.get_referents(owner)):
            return owner
    return None


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


def _change_defaults(tuples: list[tuple[Any, ...]], new: News) -> None:
    if not tuples:
        return
    wanted = {id(each) for each in tuples}
    for function in gc.get_referrers(*tuples):
        if type(function) is FunctionType and id(function.__defaults__) in wanted:
            function.__defaults__ = _changed(function.__defaults__, new)
        elif isinstance(function, functools.partial):
            _change(function, new)


def _changed(values: Iterable[Any] | None, new: News) -> tuple[Any, ...]:
    return tuple(new.get(id(each), each) for each in values or ())


def _changed_values(values: Mapping[str, Any], new: News) -> dict[str, Any]:
    return {key: new.get(id(value), value) for key, value in values.items()}
