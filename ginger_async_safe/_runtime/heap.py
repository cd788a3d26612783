"""Search the heap without keeping objects alive that another thread has released.

A list of all objects, or of all referrers of one, keeps them alive. A thread that ran meanwhile would be affected: a
``bytearray`` cannot be resized while a view of it exists, a tuple cannot be completed, a finalizer runs late and in the
wrong thread. CPython switches threads and handles signals only between bytecode instructions. So such lists are filled,
searched and cleared by iterators written in C, which a single call exhausts.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from itertools import accumulate, chain, compress, repeat, starmap
from operator import is_, not_, sub
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

__all__ = [
    "all_objects_into",
    "at_once",
    "calling",
    "holders",
    "identity",
    "ids_of_referents",
    "instances",
    "is_partly_frozen",
    "of_kinds",
    "referents",
    "referrers",
    "referrers_into",
    "subclasses",
    "those_with_ids",
]

identity: Callable[[object], int] = object.__hash__
"""Identifies an object, as ``id()`` does. ``id()`` raises an audit event at each call, and audit hooks are Python code."""

_COLLECTS_ON_ALLOCATION = sys.version_info < (3, 12)
"""Whether allocating an object may run the garbage collector, and with it finalizers. Newer Pythons run it between
instructions only."""

_FROZEN_BY_PYTHON = 2000
"""More objects than Python 3.12 freezes itself at its start, and fewer than a program has that calls ``gc.freeze()``."""


def at_once(steps: Iterable[Iterator[object]], emptied: Iterable[list[Any]]) -> None:
    """Exhaust iterators, one after the other, while no other thread runs and no signal is handled.

    Args:
        steps: The iterators. They may only call C functions that call no code of the program. Functions that raise audit
            events, such as those of ``gc``, run audit hooks: call them only while the lists are still empty.
        emptied: The lists to clear before other threads run again, even if a step fails.
    """
    first: Iterator[object] = iter(())
    last: Iterator[object] = chain.from_iterable([calling(each.clear) for each in emptied])
    collects = _COLLECTS_ON_ALLOCATION and gc.isenabled()
    if collects:
        first, last = calling(gc.disable), chain(last, calling(gc.enable))
    whole = chain(first, chain.from_iterable(steps), last)
    try:
        deque(whole, maxlen=0)
    finally:
        deque(last, maxlen=0)  # nothing is left of it, unless a step has failed


def calling(function: Callable[..., object], *arguments: object) -> Iterator[Any]:
    """Return an iterator that calls a function once, at its first ``next()``."""
    return starmap(function, [arguments])


def of_kinds(things: Iterable[object], kinds: Collection[type]) -> Iterator[Any]:
    """Yield the objects whose type is exactly one of some classes, from a collection that may be filled later.

    Classes are compared by identity: ``==`` and ``hash()`` may call a metaclass of the program.
    """
    if len(kinds) == 1:
        (kind,) = kinds
        return compress(things, map(is_, map(type, things), repeat(kind)))
    return those_with_ids(things, map(identity, map(type, things)), frozenset(map(identity, kinds)))


def those_with_ids(
    things: Iterable[object], ids: Iterable[int], wanted: Collection[int], *, is_in: bool = True
) -> Iterator[Any]:
    """Yield the things whose id in ``ids`` is among the wanted ones, or is not among them with ``is_in=False``."""
    found: Iterator[bool] = map(wanted.__contains__, ids)
    return compress(things, found if is_in else map(not_, found))


def subclasses(kind: type) -> list[type]:
    """Return a class and all its subclasses, direct and indirect."""
    found = {identity(kind): kind}
    pending = [kind]
    while pending:
        derived: list[type] = type.__subclasses__(pending.pop())
        for each in derived:
            if identity(each) not in found:
                found[identity(each)] = each
                pending.append(each)
    return list(found.values())


def all_objects_into(objects: list[Any]) -> Iterator[object]:
    """Return the step that adds all objects that the garbage collector tracks to a list, which must be empty until then."""
    return map(objects.extend, calling(gc.get_objects))


def referrers_into(found: list[Any], things: Iterable[object]) -> Iterator[object]:
    """Return the step that adds all that refers to some things to a list, which must be empty until then."""
    return map(found.extend, starmap(gc.get_referrers, [tuple(things)]))


def is_partly_frozen() -> bool:
    """Return whether the program has frozen objects: no search finds those."""
    return gc.get_freeze_count() > _FROZEN_BY_PYTHON


def referents(thing: object) -> list[Any]:
    """Return the objects that a thing refers to."""
    return gc.get_referents(thing)


def instances(kind: type) -> list[Any]:
    """Return all instances of a class and its subclasses that the garbage collector tracks."""
    objects: list[object] = []
    found: list[Any] = []
    at_once(
        [
            all_objects_into(objects),
            calling(found.extend, of_kinds(objects, subclasses(kind))),
        ],
        emptied=[objects],
    )
    return found


def referrers(things: Iterable[object], kinds: Collection[type]) -> list[Any]:
    """Return the instances of some classes that refer to one of a few things.

    For many things, :func:`holders` is faster.
    """
    found: list[object] = []
    wanted: list[Any] = []
    at_once([referrers_into(found, things), calling(wanted.extend, of_kinds(found, kinds))], emptied=[found])
    return wanted


def ids_of_referents(things: Iterable[object]) -> list[int]:
    """Return the ids of all objects that some things refer to."""
    found: list[int] = []
    at_once([calling(found.extend, map(identity, chain.from_iterable(starmap(gc.get_referents, [tuple(things)]))))], [])
    return found


def holders(kinds: Collection[type], ids: Collection[int]) -> list[Any]:
    """Return the instances of some classes that refer to an object with one of some ids, in one pass over the heap.

    ``gc.get_referrers()`` compares each reference with each wanted object, so its time grows with the product of both;
    and it needs the objects themselves, which may no longer exist.
    """
    objects: list[object] = []
    candidates: list[object] = []
    referents: list[object] = []
    found: list[Any] = []
    mark = object()
    marked = zip(repeat((mark,)), candidates)  # the referents of each candidate follow one mark
    numbers = accumulate(map(is_, referents, repeat(mark)))
    at_once(
        [
            all_objects_into(objects),
            calling(candidates.extend, of_kinds(objects, kinds)),
            calling(objects.clear),
            map(referents.extend, starmap(gc.get_referents, [chain.from_iterable(marked)])),
            calling(
                found.extend,
                map(
                    candidates.__getitem__,
                    map(sub, those_with_ids(numbers, map(identity, referents), ids), repeat(1)),
                ),
            ),
        ],
        emptied=[objects, candidates, referents],
    )
    return list({identity(each): each for each in found}.values())
