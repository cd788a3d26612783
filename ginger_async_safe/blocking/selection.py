"""Selecting the rules: the built-in ones, as ``pyproject.toml`` and code change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn

from ginger_async_safe._config import settings
from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.in_memory import WITH_MEMORY
from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Choice", "choice_of_code", "choice_of_file", "guarded", "selected"]

_FIELDS = ("target", "id", "fix", "category", "reason")
_FROM_CODE = "guard_blocking_calls()"


@dataclass(frozen=True)
class Choice:
    """The changes that one source makes to the rules.

    Attributes:
        source: The source, for messages.
        add: More rules; a rule for a target that has one already changes the fields that it sets.
        without: Patterns of the ids of rules to leave out.
        only_from: Patterns of ids, and of the packages to whose calls these rules are restricted.
        sqlite_in_memory: Whether SQLite databases in memory are guarded like those on a disk.
    """

    source: str
    add: tuple[BlockingCall, ...] = ()
    without: tuple[str, ...] = ()
    only_from: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sqlite_in_memory: bool = False

    def applied(self, rules: Sequence[BlockingCall]) -> tuple[BlockingCall, ...]:
        """Return the rules with these changes applied.

        Raises:
            ConfigurationError: If a pattern matches no rule, or an id is taken.
        """
        for text in self.without:
            self._refuse_unknown("without", text, (*ALL_RULES, *rules))
        kept = {rule.target: rule for rule in rules if not Patterns(self.without).match(rule.id)}
        for rule in self.add:
            known = kept.get(rule.target)
            self._refuse_taken(rule, kept.values())
            kept[rule.target] = rule if known is None else _changed(known, rule)
        chosen = [*kept.values()]
        if self.sqlite_in_memory:
            chosen = [replace(rule, blocks=WITH_MEMORY.get(rule.blocks, rule.blocks)) for rule in chosen]
        for text, packages in self.only_from:
            self._refuse_unknown("only_from", text, (*ALL_RULES, *rules, *self.add))
            chosen = [replace(rule, callers=packages) if Patterns(text).match(rule.id) else rule for rule in chosen]
        return tuple(chosen)

    def _refuse_unknown(self, setting: str, text: str, rules: Iterable[BlockingCall]) -> None:
        if not any(Patterns(text).match(rule.id) for rule in rules):
            _refuse(self.source, f"{setting}: {text!r} matches no rule; `ginger-async-safe rules` lists them")

    def _refuse_taken(self, added: BlockingCall, rules: Iterable[BlockingCall]) -> None:
        if sum(rule.target == added.target for rule in self.add) > 1:
            _refuse(self.source, f"add: there are two rules for {added.target}; leave one of them out")
        for rule in rules:
            if rule.id == added.id and rule.target != added.target:
                _refuse(self.source, f"add: the id {rule.id!r} is that of a rule for {rule.target}; choose another one")


def _changed(known: BlockingCall, added: BlockingCall) -> BlockingCall:
    """Return the existing rule for a target, with the fields that an added one sets."""
    changes = {
        field.name: getattr(added, field.name)
        for field in fields(added)
        if getattr(added, field.name) != (added.target if field.name == "id" else field.default)
    }
    return replace(known, **changes)


def selected(*choices: Choice) -> tuple[BlockingCall, ...]:
    """Return the built-in rules with the changes of several choices applied in order.

    Raises:
        ConfigurationError: If a choice is invalid.
    """
    return reduce(lambda rules, choice: choice.applied(rules), choices, ALL_RULES)


def guarded(*choices: Choice) -> tuple[BlockingCall, ...]:
    """Return the selected rules that are not for the check alone.

    Raises:
        ConfigurationError: If a choice is invalid.
    """
    return tuple(rule for rule in selected(*choices) if not rule.is_static)


def choice_of_code(add: object, without: object, only_from: object) -> Choice:
    """Return the choice made by the arguments of ``guard_blocking_calls``.

    Raises:
        ConfigurationError: If an argument is invalid.
    """
    return Choice(
        _FROM_CODE,
        _checked(_FROM_CODE, "add", _rules, add),
        _checked(_FROM_CODE, "without", _patterns, without),
        _checked(_FROM_CODE, "only_from", _restrictions, only_from or {}),
    )


def choice_of_file() -> Choice:
    """Return the choice made by the table in ``pyproject.toml``.

    Raises:
        ConfigurationError: If it is invalid.
    """
    table, source = settings.table("rules")
    readers: dict[str, Callable[[object], Any]] = {
        "add": _rules_of_tables,
        "without": _patterns,
        "only-from": _restrictions,
        "sqlite-in-memory": _guards_memory,
    }
    values = {}
    for key, value in table.items():
        if key not in readers:
            _refuse(source, f"there is no setting {key!r}; there are {', '.join(readers)}")
        values[key.replace("-", "_")] = _checked(source, key, readers[key], value)
    return Choice(source, **values)


def _checked(source: str, setting: str, reader: Callable[[object], Any], value: object) -> Any:  # noqa: ANN401 - see reader
    try:
        return reader(value)
    except ConfigurationError as error:
        _refuse(source, f"{setting}: {error}")


def _refuse(source: str, problem: str) -> NoReturn:
    msg = f"{source}: {problem}"
    raise ConfigurationError(msg) from None


def _patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return Patterns(value).texts
    msg = f'it takes a list of patterns, such as ["file.*"], not {value!r}'
    raise ConfigurationError(msg)


def _guards_memory(value: object) -> bool:
    if value in ("allow", "guard"):
        return value == "guard"
    msg = f'it takes "allow" or "guard", not {value!r}'
    raise ConfigurationError(msg)


def _restrictions(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping):
        msg = f'it takes patterns of rules with the packages that each is for, such as {{"file.*": ["shop.*"]}}, not {value!r}'
        raise ConfigurationError(msg)
    found = []
    for text, packages in value.items():
        names = _patterns(packages)
        if not names:
            msg = f"{text!r} is for no package; name one, or leave the rules out by without"
            raise ConfigurationError(msg)
        found += [(each, names) for each in _patterns(text)]
    return tuple(found)


def _rules(value: object) -> tuple[BlockingCall, ...]:
    rules = tuple(value) if isinstance(value, Iterable) else ()
    for rule in rules:
        if isinstance(rule, BlockingCall) and rule.is_static:
            msg = f"{rule.target!r} is a rule of the check; add it to [tool.ginger_async_safe.rules] in pyproject.toml"
            raise ConfigurationError(msg)
    if isinstance(value, Iterable) and all(isinstance(rule, BlockingCall) for rule in rules):
        return rules
    msg = f'it takes a list of BlockingCall, such as [BlockingCall("boto3.client")], not {value!r}'
    raise ConfigurationError(msg)


def _rules_of_tables(value: object) -> tuple[BlockingCall, ...]:
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return tuple(map(_rule_of_table, value))
    msg = "it takes tables; write each as [[tool.ginger_async_safe.rules.add]], with the rule's target and fix below it"
    raise ConfigurationError(msg)


def _rule_of_table(table: dict[str, Any]) -> BlockingCall:
    for key, value in table.items():
        if key not in _FIELDS:
            msg = f"a rule has no {key!r}; it has {', '.join(_FIELDS)}"
            raise ConfigurationError(msg)
        if not isinstance(value, str):
            msg = f"{key} takes a text, not {value!r}"
            raise ConfigurationError(msg)
    return BlockingCall(**{"target": "", **table})
