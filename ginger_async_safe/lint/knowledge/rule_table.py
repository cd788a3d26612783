"""The rule table: which calls of outside code block, by which rule, and what calls return.

The rules are those of the guard at run time (:mod:`ginger_async_safe.blocking.rules`); the tables beside this module add
other names that lead to them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.lint.knowledge import return_types
from ginger_async_safe.lint.knowledge.sdks import (
    ALIASES_OF_SDKS,
    BASES_OF_SDKS,
    FREE_IN_SDKS,
    LAZY_IN_SDKS,
    RETURNED_BY_SDKS,
)
from ginger_async_safe.lint.knowledge.sinks import FREE, SINKS, WHEN_CONSUMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["RuleTable", "canonical", "is_class", "known_bases", "returned_by"]

_MAX_ALIASES = 4
_ALIASES = {**return_types.ALIASES, **ALIASES_OF_SDKS}


@cache
def canonical(name: str) -> str:
    """Return the name that the tables use for a dotted name, which may be an alias."""
    for _ in range(_MAX_ALIASES):
        end = len(name)
        while end > 0:
            other = _ALIASES.get(name[:end])
            if other is not None and (len(other) < end or not f"{name}.".startswith(f"{other}.")):
                name = other + name[end:]
                break
            end = name.rfind(".", 0, end)
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
            for name in (rule.target,) if rule.is_static else (rule.id, rule.target.removesuffix(".__init__")):
                if name not in _NOT_CALLS:
                    names.setdefault(canonical(name), rule)
        for rule_id, others in SINKS.items():
            if rule_id in by_id:
                names.update((canonical(name), by_id[rule_id]) for name in others)
        self._names = names
        self._owners = {name.rpartition(".")[0] for name in names}
        self._covering = Covering({name: rule for name, rule in names.items() if "*" in name})
        self._consuming = {
            canonical(name): by_id[rule] for name, rule in {**WHEN_CONSUMED, **LAZY_IN_SDKS}.items() if rule in by_id
        }

    def of(self, name: str) -> BlockingCall | None:
        """Return the rule that covers a call of a dotted name, if there is one."""
        rule = self._names.get(name)
        if rule is not None or name in _FREE or name in self._consuming:
            return rule
        return self._covering.of(name)

    def of_consuming(self, name: str) -> BlockingCall | None:
        """Return the rule that covers iterating over the result of a call, if there is one."""
        return self._consuming.get(name)

    def has_row(self, name: str) -> bool:
        """Return whether a dotted name has a row of its own in any table."""
        return name in self._names or name in _RETURNING or name in _FREE or name in self._consuming

    def is_part(self, name: str) -> bool:
        """Return whether a dotted name is that of a method or attribute of a client that a row for all of them covers."""
        return self._covering.has_part(name)

    def describes(self, name: str) -> bool:
        """Return whether a row covers a function, or a method of a class, so that its source need not be read."""
        is_class_of_rows = is_class(name) and not self._owners.isdisjoint(known_bases(name))
        return is_class_of_rows or self.of(name) is not None or self.has_row(name) or self.is_part(name)


class Covering:
    """The rows that cover every method of a class, or of what its attributes lead to: names with ``*``.

    Args:
        rows: The rules by these names. ``*`` stands for any part of a name without dots, ``**`` for one or more names.
    """

    def __init__(self, rows: Mapping[str, BlockingCall]) -> None:
        self._of_package: dict[str, list[tuple[re.Pattern[str], BlockingCall]]] = {}
        self._parts: dict[str, list[re.Pattern[str]]] = {}
        for name in sorted(rows, key=len, reverse=True):  # the most exact first
            package = name.partition(".")[0]
            self._of_package.setdefault(package, []).append((_pattern(name), rows[name]))
            owner, wildcard, _ = name.partition(".**") if ".**" in name else name.rpartition(".*")
            self._parts.setdefault(package, []).append(_pattern(owner + wildcard))
        self._known: dict[str, BlockingCall | None] = {}
        self._known_parts: dict[str, bool] = {}

    def has_part(self, name: str) -> bool:
        """Return whether a dotted name is that of a method or attribute, or below one, of what such a row is for."""
        parts = self._parts.get(name.partition(".")[0])
        if parts is None:
            return False
        if name not in self._known_parts:
            self._known_parts[name] = any(pattern.fullmatch(name) for pattern in parts) and not _is_free(name)
        return self._known_parts[name]

    def of(self, name: str) -> BlockingCall | None:
        """Return the rule of the row that covers a dotted name, if there is one; none covers private names."""
        rows = self._of_package.get(name.partition(".")[0])
        if rows is None:
            return None
        if name not in self._known:
            found = (rule for pattern, rule in rows if pattern.fullmatch(name))
            self._known[name] = None if _is_free(name) else next(found, None)
        return self._known[name]


def _is_free(name: str) -> bool:
    """Return whether a dotted name, or one that it begins with, is that of a method or attribute that does not block."""
    parts = name.split(".")
    beginnings = (".".join(parts[:length]) for length in range(2, len(parts) + 1))
    return any(
        each in _FREE or any(pattern.fullmatch(each) for pattern in _FREE_PATTERNS.get(parts[0], ()))
        for each in beginnings
    )


def _pattern(name: str) -> re.Pattern[str]:
    """Return what matches the names that one with ``*`` stands for; none of these is private."""
    return re.compile(r"\.".join(map(_part, name.split("."))))


def _part(part: str) -> str:
    if part == "**":
        return r"(?!_)[^.]+(?:\.(?!_)[^.]+)*"
    return ("(?!_)" if part.startswith("*") else "") + re.escape(part).replace(r"\*", "[^.]*")


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

_FREE = frozenset(canonical(name) for name in FREE | FREE_IN_SDKS)
_FREE_PATTERNS: dict[str, list[re.Pattern[str]]] = {}
for _name in sorted(name for name in _FREE if "*" in name):
    _FREE_PATTERNS.setdefault(_name.partition(".")[0], []).append(_pattern(_name))
_RETURNING = {canonical(name): what for name, what in {**return_types.RETURN_TYPES, **RETURNED_BY_SDKS}.items()}
_TEXTUAL = "textual.message_pump.MessagePump"
_CHAINED = frozenset(name.removesuffix(".*") for name in _RETURNING if name.endswith(".*"))
_BASES = {
    canonical(name): tuple(map(canonical, bases)) for name, bases in {**return_types.BASES, **BASES_OF_SDKS}.items()
}
_NAMED = [*_RETURNING, *(canonical(name) for names in SINKS.values() for name in names)]
_CLASSES = frozenset(name.rpartition(".")[0] for name in _NAMED if name.count(".") > 1)


def returned_by(name: str) -> str | None:
    """Return the type that a call of a dotted name returns, in the table's notation."""
    what = _RETURNING.get(name)
    if what is not None:
        return what
    owner, _, method = name.rpartition(".")
    return _RETURNING[f"{owner}.*"] if owner in _CHAINED and not method.startswith("_") else None


@cache
def known_bases(name: str) -> tuple[str, ...]:
    """Return the names of an outside class and of its known bases."""
    found = [name]
    for each in found:
        found.extend(base for base in _BASES.get(each, ()) if base not in found)
    if name.startswith("textual.") and _TEXTUAL not in found:
        found.append(_TEXTUAL)  # of all classes of programs, widgets and screens
    return tuple(found)


@cache
def is_class(name: str) -> bool:
    """Return whether an outside name is that of a class: it is in the tables, or is written like one."""
    if name in _CLASSES:
        return True
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()
