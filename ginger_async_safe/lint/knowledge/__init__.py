"""What is known of code that is not read: which calls block, by which rule, and what calls return.

The rules are those of the guard at run time (:mod:`ginger_async_safe.blocking.rules`); the tables here say which other
names lead to them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.lint.knowledge.reaching import FREE, REACHING, WHEN_CONSUMED
from ginger_async_safe.lint.knowledge.returning import ALIASES, BASES, RETURNING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["RuleTable", "canonical", "is_class", "known_bases", "returned_by"]

_MOST_ALIASES = 4


@cache
def canonical(name: str) -> str:
    """Return the name by which the tables know what a dotted name names."""
    for _ in range(_MOST_ALIASES):
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
    """The rules that are in force, by the names that lead to them.

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
        for rule_id, others in REACHING.items():
            if rule_id in by_id:
                names.update((canonical(name), by_id[rule_id]) for name in others)
        self._names = names
        self._consuming = {canonical(name): by_id[rule] for name, rule in WHEN_CONSUMED.items() if rule in by_id}

    def of(self, name: str) -> BlockingCall | None:
        """Return the rule that a call of a dotted name comes to, if there is one."""
        rule = self._names.get(name)
        if rule is not None or name in _FREE:
            return rule
        owner, _, method = name.rpartition(".")
        return None if method.startswith("_") else self._names.get(f"{owner}.*")

    def of_consuming(self, name: str) -> BlockingCall | None:
        """Return the rule that iterating over what a call returned comes to, if there is one."""
        return self._consuming.get(name)

    def tells(self, name: str) -> bool:
        """Tell whether a method of a class has a row of its own, in any table."""
        return name in self._names or name in _RETURNING or name in _FREE or name in self._consuming


_NOT_CALLS = frozenset(
    {
        "botocore.client.BaseClient",
        "elasticsearch.Elasticsearch",
        "grpc.StreamUnaryMultiCallable",
        "grpc.UnaryUnaryMultiCallable",
        "multiprocessing.Lock",
        "redis.PubSub.listen",
        "select.poll",
        "threading.Condition",
        "threading.Lock",
        "threading.RLock",
        "xmlrpc.client.ServerProxy",
    }
)
"""Ids that name what is made, and makes nothing wait."""

_FREE = frozenset(canonical(name) for name in FREE)
_RETURNING = {canonical(name): what for name, what in RETURNING.items()}
_BASES = {canonical(name): tuple(map(canonical, bases)) for name, bases in BASES.items()}
_TOLD = [*_RETURNING, *(canonical(name) for names in REACHING.values() for name in names)]
_CLASSES = frozenset(name.rpartition(".")[0] for name in _TOLD if name.count(".") > 1)


def returned_by(name: str) -> str | None:
    """Return what the call of a dotted name returns, as the table says it."""
    return _RETURNING.get(name)


@cache
def known_bases(name: str) -> tuple[str, ...]:
    """Return a class of code that is not read, and the classes that it has its methods from."""
    found = [name]
    for each in found:
        found.extend(base for base in _BASES.get(each, ()) if base not in found)
    return tuple(found)


@cache
def is_class(name: str) -> bool:
    """Tell whether a dotted name of code that is not read is that of a class, as far as names tell."""
    if name in _CLASSES:
        return True
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()
