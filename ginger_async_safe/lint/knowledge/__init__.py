"""What is known of code that is not read: which calls block, by which rule, and what calls return.

The rules are those of the guard at run time (:mod:`ginger_async_safe.blocking.rules`); the tables here say which other
names lead to them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.lint.knowledge.reaching import FREE, REACHING, WHEN_CONSUMED
from ginger_async_safe.lint.knowledge.returning import ALIASES, BASES, RETURNING

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["canonical", "is_class", "known_bases", "returned_by", "rule_of", "rule_of_consuming", "rules_by_id"]

_MOST_ALIASES = 4


@lru_cache(maxsize=None)
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


def rules_by_id() -> dict[str, BlockingCall]:
    """Return the rules by their ids; of several rules of one id, the first."""
    return _RULES_BY_ID


_RULES_BY_ID: dict[str, BlockingCall] = {}
_RULES: dict[str, BlockingCall] = {}


def _fill() -> None:
    for rule in RULES:
        _RULES_BY_ID.setdefault(rule.id, rule)
        for name in (rule.id, rule.target.removesuffix(".__init__")):
            _RULES.setdefault(canonical(name), rule)
    for rule_id, names in REACHING.items():
        for name in names:
            _RULES[canonical(name)] = _RULES_BY_ID[rule_id]
    for name in ("threading.Lock", "threading.RLock", "threading.Condition", "multiprocessing.Lock", "select.poll"):
        del _RULES[name]  # ids that name what is made, and makes nothing wait
    for name in ("redis.PubSub.listen", "xmlrpc.client.ServerProxy", "grpc.UnaryUnaryMultiCallable"):
        _RULES.pop(name, None)
    for name in ("elasticsearch.Elasticsearch", "botocore.client.BaseClient", "grpc.StreamUnaryMultiCallable"):
        _RULES.pop(name, None)


_fill()

_WHEN_CONSUMED = {canonical(name): _RULES_BY_ID[rule] for name, rule in WHEN_CONSUMED.items()}
_FREE = frozenset(canonical(name) for name in FREE)
_RETURNING = {canonical(name): what for name, what in RETURNING.items()}
_BASES = {canonical(name): tuple(map(canonical, bases)) for name, bases in BASES.items()}
_CLASSES = frozenset(name.rpartition(".")[0] for name in (*_RULES, *_RETURNING)) - {
    name.rpartition(".")[0] for name in _RULES if name.count(".") == 1
}


def rule_of(name: str) -> BlockingCall | None:
    """Return the rule that a call of a dotted name comes to, if there is one."""
    rule = _RULES.get(name)
    if rule is not None or name in _FREE:
        return rule
    owner, _, method = name.rpartition(".")
    return None if method.startswith("_") else _RULES.get(f"{owner}.*")


def rule_of_consuming(name: str) -> BlockingCall | None:
    """Return the rule that iterating over what a call returned comes to, if there is one."""
    return _WHEN_CONSUMED.get(name)


def is_told(name: str) -> bool:
    """Tell whether a method of a class has a row of its own, in any table."""
    return name in _RULES or name in _RETURNING or name in _FREE or name in _WHEN_CONSUMED


def returned_by(name: str) -> str | None:
    """Return what the call of a dotted name returns, as the table says it."""
    return _RETURNING.get(name)


@lru_cache(maxsize=None)
def known_bases(name: str) -> tuple[str, ...]:
    """Return a class of code that is not read, and the classes that it has its methods from."""
    found = [name]
    for each in found:
        found.extend(base for base in _BASES.get(each, ()) if base not in found)
    return tuple(found)


@lru_cache(maxsize=None)
def is_class(name: str) -> bool:
    """Tell whether a dotted name of code that is not read is that of a class, as far as names tell."""
    if name in _CLASSES:
        return True
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()
