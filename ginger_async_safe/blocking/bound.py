"""Bound methods that a program holds: finding those that are guarded, and restoring them."""

from __future__ import annotations

import weakref
from itertools import compress
from operator import and_
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.heap import (
    all_objects_into,
    at_once,
    calling,
    identity,
    of_kinds,
    subclasses,
    those_with_ids,
)
from ginger_async_safe.detect import LOOP_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.patches import Replacement

__all__ = ["KEPT", "BoundMethods"]

KEPT = LOOP_PACKAGES | {"ginger_async_safe", "_io", "_thread"}
"""Packages whose references are not redirected: their calls are no violations, and are frequent."""

_function_of = vars(MethodType)["__func__"].__get__
_name_of = vars(BuiltinFunctionType)["__name__"].__get__
_self_of = vars(BuiltinFunctionType)["__self__"].__get__


class BoundMethods:
    """The bound methods that were exchanged for guarded ones, each for as long as the program holds the latter.

    So an object whose method was exchanged is freed when the program drops it, not when the guard is switched off.
    """

    def __init__(self) -> None:
        self._originals: dict[int, tuple[weakref.ref[MethodType], BlockingCall, object]] = {}

    def exchanged(self, replacements: Mapping[BlockingCall, Replacement]) -> Iterator[tuple[object, object]]:
        """Yield the bound methods, each with its guarded counterpart."""
        for rule, method, guarded in _bound_methods(replacements):
            key = identity(guarded)
            self._originals[key] = (weakref.ref(guarded, self._forgetting(key)), rule, method)
            yield method, guarded

    def originals(self, rules: Iterable[BlockingCall]) -> list[tuple[object, object]]:
        """Return the guarded methods of some rules, each with the one that it replaced."""
        ended = frozenset(rules)
        found = [(guarded(), method) for guarded, rule, method in list(self._originals.values()) if rule in ended]
        return [each for each in found if each[0] is not None]

    def _forgetting(self, key: int) -> Callable[[object], None]:
        originals = self._originals

        def forget(_: object) -> None:
            originals.pop(key, None)

        return forget


def _bound_methods(
    replacements: Mapping[BlockingCall, Replacement],
) -> Iterator[tuple[BlockingCall, object, MethodType]]:
    """Yield the bound methods that the program holds, each with its rule and its guarded counterpart.

    Methods of locks are left alone: every condition and queue binds some, and has rules of its own.
    """
    of_class = {
        (each.target.holder, each.target.name): (rule, each)
        for rule, each in replacements.items()
        if isinstance(each.target.holder, type) and each.target.holder.__module__ not in KEPT
    }
    of_function = {identity(each.original): (rule, each) for rule, each in replacements.items()}
    found = _candidates(
        of_function.keys(),
        {name for _, name in of_class},
        {identity(each): each for holder, _ in of_class for each in subclasses(holder)}.keys(),
    )
    while found:  # none is kept longer than necessary
        method = found.pop()
        if type(method) is MethodType:
            of_method = of_function.get(identity(method.__func__))
        else:
            kinds = type(method.__self__).__mro__
            of_method = next(
                (of_class[kind, method.__name__] for kind in kinds if (kind, method.__name__) in of_class), None
            )
        if of_method is not None:
            rule, replacement = of_method
            yield rule, method, MethodType(replacement.function, method.__self__)


def _candidates(functions: Collection[int], names: Collection[str], kinds: Collection[int]) -> list[Any]:
    """Return the bound methods that may be guarded.

    Args:
        functions: The ids of the functions of methods that are written in Python.
        names: The names of methods that are written in C.
        kinds: The ids of the classes of these.
    """
    objects: list[object] = []
    methods: list[Any] = []
    builtins: list[Any] = []
    found: list[Any] = []
    is_named = map(names.__contains__, map(_name_of, builtins))
    is_of_kind = map(kinds.__contains__, map(identity, map(type, map(_self_of, builtins))))
    at_once(
        [
            all_objects_into(objects),
            calling(methods.extend, of_kinds(objects, [MethodType])),
            calling(builtins.extend, of_kinds(objects, [BuiltinFunctionType])),
            calling(found.extend, those_with_ids(methods, map(identity, map(_function_of, methods)), functions)),
            calling(found.extend, compress(builtins, map(and_, is_named, is_of_kind))),
        ],
        emptied=[objects, methods, builtins],
    )
    return found
