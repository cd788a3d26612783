"""The rule table: which calls of outside code block, by which rule, and what calls return.

The rules are those of the guard at run time (:mod:`ginger_async_safe.blocking.rules`); the tables beside this module add
other names that lead to them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.lint.knowledge.return_types import ALIASES, BASES, RETURN_TYPES
from ginger_async_safe.lint.knowledge.sinks import FREE, SINKS, WHEN_CONSUMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["RuleTable", "canonical", "is_class", "known_bases", "returned_by"]

_MAX_ALIASES = 4


@cache
def canonical(name: str) -> str:
    """Return the name that the tables use for a dotted name, which may be an alias."""
    for _ in range(_MAX_ALIASES):
        for length in range(name.count(".") + 1, 0, -1):
            head = ".".join(name.split(".")[:length])
            other = ALIASES.get(head)
            if other is not None and not (name + ".").startswith(other + "."):
                name = other + name[len(head) :]
                break
        else:
            break
    return name


class RuleTable:
    """The rules in force, by the names that lead to them.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Iterable[BlockingCall]) -> None:
        by_id: dict[str, BlockingCall] = {}
        names: dict[str, BlockingCall] = {}
        for rule in rules:
            by_id.setdefault(rule.id, rule)
            for name in (rule.id, rule.target.removesuffix(".__init__")):
                if name not in _NOT_CALLS:
                    names.setdefault(canonical(name), rule)
        for rule_id, others in SINKS.items():
            if rule_id in by_id:
                names.update((canonical(name), by_id[rule_id]) for name in others)
        self._names = names
        self._owners = {name.rpartition(".")[0] for name in names}
        self._consuming = {canonical(name): by_id[rule] for name, rule in WHEN_CONSUMED.items() if rule in by_id}

    def of(self, name: str) -> BlockingCall | None:
        """Return the rule that covers a call of a dotted name, if there is one."""
        rule = self._names.get(name)
        if rule is not None or name in _FREE:
            return rule
        owner, _, method = name.rpartition(".")
        return None if method.startswith("_") else self._names.get(f"{owner}.*")

    def of_consuming(self, name: str) -> BlockingCall | None:
        """Return the rule that covers iterating over the result of a call, if there is one."""
        return self._consuming.get(name)

    def has_row(self, name: str) -> bool:
        """Return whether a dotted name has a row in any table."""
        return name in self._names or name in _RETURNING or name in _FREE or name in self._consuming

    def describes(self, name: str) -> bool:
        """Return whether a row covers a function, or a method of a class, so that its source need not be read."""
        is_class_of_rows = is_class(name) and not self._owners.isdisjoint(known_bases(name))
        return is_class_of_rows or self.of(name) is not None or self.has_row(name)


_NOT_CALLS = frozenset(
    {
        "botocore.client.BaseClient",
        "elasticsearch.Elasticsearch",
        "grpc.StreamUnaryMultiCallable",
        "grpc.UnaryUnaryMultiCallable",
        "multiprocessing.Lock",
        "redis.PubSub.listen",
        "select.kqueue",
        "select.poll",
        "threading.Condition",
        "threading.Lock",
        "threading.RLock",
        "threading.concurrent_tee",
        "threading.serialize_iterator",
        *(f"threading.serialize_iterator.{name}" for name in ("__next__", "close", "send", "throw")),
        "xmlrpc.client.ServerProxy",
    }
)
"""Ids of rules whose call itself does not block: constructors of what blocks later, and calls that wait for another thread only."""

_FREE = frozenset(canonical(name) for name in FREE)
_RETURNING = {canonical(name): what for name, what in RETURN_TYPES.items()}
_BASES = {canonical(name): tuple(map(canonical, bases)) for name, bases in BASES.items()}
_NAMED = [*_RETURNING, *(canonical(name) for names in SINKS.values() for name in names)]
_CLASSES = frozenset(name.rpartition(".")[0] for name in _NAMED if name.count(".") > 1)


def returned_by(name: str) -> str | None:
    """Return the type that a call of a dotted name returns, in the table's notation."""
    return _RETURNING.get(name)


@cache
def known_bases(name: str) -> tuple[str, ...]:
    """Return the names of an outside class and of its known bases."""
    found = [name]
    for each in found:
        found.extend(base for base in _BASES.get(each, ()) if base not in found)
    return tuple(found)


@cache
def is_class(name: str) -> bool:
    """Return whether an outside name is that of a class: it is in the tables, or is written like one."""
    if name in _CLASSES:
        return True
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()
