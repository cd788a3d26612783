"""Exchanging references in containers, all at once: no thread sees a part of it, and nothing is kept alive by it.

What the garbage collector finds is changed by iterators in C while no other thread runs, as described in
:mod:`ginger_async_safe._runtime.heap`. Where Python code has to do it, a comment says why.
"""

from __future__ import annotations

import functools
from itertools import chain, compress, count, repeat, starmap
from operator import and_, itemgetter, not_
from types import (
    BuiltinFunctionType,
    CellType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
)
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._runtime.heap import (
    at_once,
    calling,
    identity,
    of_kinds,
    referrers_into,
    subclasses,
    those_with_ids,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    News = Mapping[int, object]
    Steps = list[Iterator[object]]

__all__ = [
    "Rest",
    "exchange",
    "exchange_in",
    "exchange_in_attributes",
    "exchange_in_partials",
    "exchanged",
    "namespaces_with",
]

_map: Any = map
_filter: Any = filter
"""As arguments of ``map``: type checkers cannot infer what they return then."""

_get_contents = vars(CellType)["cell_contents"].__get__
_set_contents = vars(CellType)["cell_contents"].__set__

_HANDLED_ELSEWHERE = (
    dict,
    list,
    set,
    CellType,
    tuple,
    frozenset,
    staticmethod,
    FrameType,
    FunctionType,
    MethodType,
    BuiltinFunctionType,
)
"""Classes whose objects are not searched for attributes: their references are exchanged otherwise, or not at all."""


class Rest(NamedTuple):
    """What refers to something that is exchanged, and cannot be changed itself.

    Attributes:
        tuples: The ids of tuples. No references are kept: a tuple may not be complete yet.
        namespaces: Dicts that look like namespaces of classes.
        static_methods: Static methods.
        kinds: The classes of all other objects that may have attributes; not the objects, which may be about to be freed.
    """

    tuples: frozenset[int]
    namespaces: list[dict[str, Any]]
    static_methods: list[staticmethod[..., Any]]
    kinds: list[type]


def exchange(sought: tuple[object, ...], new: News, spared: Collection[int]) -> Rest:
    """Exchange all references to some objects, and return the containers that cannot be changed.

    Args:
        sought: The objects.
        new: The replacements, by the ids of the objects.
        spared: The ids of containers that keep their references.
    """
    found: list[object] = []
    holders: list[object] = []
    tuples: list[int] = []
    namespaces: list[dict[str, Any]] = []
    static_methods: list[staticmethod[..., Any]] = []
    kinds: list[type] = []
    handled = frozenset(map(identity, [*_HANDLED_ELSEWHERE, *subclasses(functools.partial)]))
    changes, emptied = _changes(holders, new, namespaces)
    at_once(
        [
            *_search(sought, found, holders, spared),
            calling(tuples.extend, map(identity, of_kinds(holders, [tuple]))),
            calling(static_methods.extend, of_kinds(holders, [staticmethod])),
            calling(
                kinds.extend,
                those_with_ids(map(type, holders), map(identity, map(type, holders)), handled, is_in=False),
            ),
            *changes,
        ],
        emptied=[found, holders, *emptied],
    )
    return Rest(frozenset(tuples), namespaces, static_methods, list({identity(each): each for each in kinds}.values()))


def exchange_in(containers: Sequence[object], new: News, spared: Collection[int]) -> None:
    """Exchange references in known dicts and sets."""
    holders: list[object] = []
    changes, emptied = _changes(holders, new)
    at_once(
        [calling(holders.extend, those_with_ids(containers, map(identity, containers), spared, is_in=False)), *changes],
        emptied=[holders, *emptied],
    )


def exchange_in_partials(partials: Sequence[functools.partial[Any]], new: News) -> None:
    """Exchange the functions and arguments of partials."""
    at_once(_partial_changes(partials, new), [])


def exchange_in_attributes(
    kinds: Iterable[type], sought: tuple[object, ...], new: News, spared: Collection[int]
) -> None:
    """Exchange references in attributes of the objects of some classes.

    Args:
        kinds: The classes.
        sought: As :func:`exchange` takes it.
        new: As :func:`exchange` takes it.
        spared: As :func:`exchange` takes it.
    """
    with_slots = []
    found: list[object] = []
    holders: list[object] = []
    dicts: list[object] = []
    slotted: list[Any] = []
    steps: Steps = []
    for kind in kinds:
        namespace_of, slots = _attributes(kind)
        if slots and _are_plain(kind, slots):
            steps += [_slot_changes(holders, kind, each, new) for each in slots]
        elif slots:
            with_slots.append((kind, slots))
            steps.append(calling(slotted.extend, of_kinds(holders, [kind])))
        if namespace_of is not None:
            steps.append(calling(dicts.extend, map(namespace_of, of_kinds(holders, [kind]))))
    if not steps:
        return
    changes, emptied = _changes(dicts, new)
    at_once([*_search(sought, found, holders, spared), *steps, *changes], [found, holders, dicts, *emptied])
    slots_of = {identity(kind): slots for kind, slots in with_slots}
    while slotted:  # an empty slot raises, and getattr() would run the program's code: one at a time
        holder = slotted.pop()
        for slot in slots_of[identity(type(holder))]:
            try:
                value = slot.__get__(holder)
            except AttributeError:  # it is empty
                continue
            if identity(value) in new:
                slot.__set__(holder, new[identity(value)])


def namespaces_with(static_methods: Iterable[staticmethod[..., Any]]) -> list[dict[str, Any]]:
    """Return the namespaces of classes that contain some static methods."""
    found: list[object] = []
    mappings: list[Any] = []
    namespaces: list[dict[str, Any]] = []
    at_once(
        [
            referrers_into(found, static_methods),
            calling(mappings.extend, of_kinds(found, [dict])),
            calling(namespaces.extend, compress(mappings, _are_of_classes(mappings))),
        ],
        emptied=[found, mappings],
    )
    return namespaces


def exchanged(values: Iterable[Any], new: News) -> tuple[Any, ...]:
    """Return the values, each replaced if it has a replacement."""
    return tuple(new.get(identity(each), each) for each in values)


def _search(sought: tuple[object, ...], found: list[object], holders: list[object], spared: Collection[int]) -> Steps:
    """Return the steps that collect in ``holders`` all that refers to some objects."""
    return [
        referrers_into(found, sought),
        calling(holders.extend, those_with_ids(found, map(identity, found), spared, is_in=False)),
    ]


def _changes(
    holders: list[Any], new: News, namespaces: list[dict[str, Any]] | None = None
) -> tuple[Steps, list[list[Any]]]:
    """Return the steps that exchange references in what ``holders`` contains then, and the lists that they use.

    Namespaces of classes go into ``namespaces``, if it is given: they must be changed through their class.
    """
    mappings: list[Any] = []
    dicts: list[Any] = []
    lists: list[Any] = []
    sets: list[Any] = []
    cells: list[Any] = []
    partials: list[Any] = []
    removed: list[Any] = []
    added: list[Any] = []
    steps: Steps = [
        calling(mappings.extend, of_kinds(holders, [dict])),
        *(
            [calling(dicts.extend, mappings)]
            if namespaces is None
            else [
                calling(namespaces.extend, compress(mappings, _are_of_classes(mappings))),
                calling(dicts.extend, compress(mappings, map(not_, _are_of_classes(mappings)))),
            ]
        ),
        calling(lists.extend, of_kinds(holders, [list])),
        calling(sets.extend, of_kinds(holders, [set])),
        calling(cells.extend, of_kinds(holders, [CellType])),
        calling(partials.extend, of_kinds(holders, subclasses(functools.partial))),
        map(
            dict.update,
            dicts,
            map(zip, map(compress, dicts, _hits(dicts, new, dict.values)), _news(dicts, new, dict.values)),
        ),
        chain.from_iterable(
            map(
                _map,
                repeat(list.__setitem__),
                map(repeat, lists),
                map(compress, starmap(count, repeat(())), _hits(lists, new)),
                _news(lists, new),
            )
        ),
        calling(removed.extend, map(list, map(compress, sets, _hits(sets, new)))),
        calling(added.extend, map(list, _news(sets, new))),
        map(set.difference_update, sets, removed),
        map(set.update, sets, added),
        map(_set_contents, cells, map(new.__getitem__, map(identity, map(_get_contents, cells)))),
        *_partial_changes(partials, new),
    ]
    return steps, [mappings, dicts, lists, sets, cells, partials, removed, added]


def _hits(containers: Iterable[Any], new: News, values: Callable[[Any], Any] = iter) -> Iterator[Iterator[bool]]:
    """Yield for each container an iterator over whether each of its values has a replacement."""
    return map(_map, repeat(new.__contains__), map(_map, repeat(identity), map(values, containers)))


def _news(containers: Iterable[Any], new: News, values: Callable[[Any], Any] = iter) -> Iterator[Iterator[object]]:
    """Yield for each container an iterator over the replacements of its values."""
    wanted = map(_filter, repeat(new.__contains__), map(_map, repeat(identity), map(values, containers)))
    return map(_map, repeat(new.__getitem__), wanted)


def _are_of_classes(mappings: Iterable[Any]) -> Iterator[bool]:
    """Yield for each dict whether it looks like the namespace of a class."""
    has_name = map(dict.__contains__, mappings, repeat("__name__"))
    return map(and_, map(dict.__contains__, mappings, repeat("__module__")), map(not_, has_name))


def _partial_changes(partials: Sequence[Any], new: News) -> Steps:
    """Return the steps that change partials, through their pickle state. Keywords are in a dict of their own."""
    states: list[tuple[Any, ...]] = []
    functions = map(itemgetter(0), states)
    put = map(new.get, map(identity, map(itemgetter(0), states)), functions)
    with_ids = map(_map, repeat(identity), map(itemgetter(1), states))
    arguments = map(tuple, map(_map, repeat(new.get), with_ids, map(itemgetter(1), states)))
    changed = zip(put, arguments, map(itemgetter(2), states), map(itemgetter(3), states))  # noqa: B905 - strict on Python 3.10 as well
    set_state: Any = functools.partial.__setstate__  # type: ignore[attr-defined]
    return [
        calling(states.extend, map(itemgetter(2), map(functools.partial.__reduce__, partials))),
        map(set_state, partials, changed),
        calling(states.clear),
    ]


def _are_plain(kind: type, slots: Iterable[MemberDescriptorType]) -> bool:
    """Return whether reading the slots of an object by their names runs no code of the program."""
    names: dict[str, object] = {}
    for each in reversed(kind.__mro__):
        names |= vars(each)
    is_plain = names["__getattribute__"] is vars(object)["__getattribute__"] and "__getattr__" not in names
    return is_plain and all(names[each.__name__] is each for each in slots)


def _slot_changes(holders: list[object], kind: type, slot: MemberDescriptorType, new: News) -> Iterator[object]:
    """Return the step that exchanges one slot in the ``holders`` that are of a class."""

    def values() -> Iterator[int]:
        return map(identity, map(getattr, of_kinds(holders, [kind]), repeat(slot.__name__), repeat(None)))

    changed = those_with_ids(of_kinds(holders, [kind]), values(), new)
    return map(slot.__set__, changed, map(new.__getitem__, filter(new.__contains__, values())))


def _attributes(kind: type) -> tuple[Callable[[Any], Any] | None, list[MemberDescriptorType]]:
    """Return the getter of ``__dict__`` for objects of a class, if they have one, and their slots."""
    namespace_of = None
    slots = []
    if issubclass(kind, type):
        return None, []
    for each in kind.__mro__:
        for descriptor in list(vars(each).values()):
            if type(descriptor) is GetSetDescriptorType and descriptor.__name__ == "__dict__":
                namespace_of = descriptor.__get__
            elif type(descriptor) is MemberDescriptorType and "__slots__" in vars(each):
                slots.append(descriptor)
    return namespace_of, slots
