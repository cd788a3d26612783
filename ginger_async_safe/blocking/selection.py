"""Which rules are in force: the library's own, as ``pyproject.toml`` and code change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn

from ginger_async_safe import _settings
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Choice", "choice_of_code", "choice_of_file", "selected"]

_FIELDS = ("target", "id", "mend", "category", "reason")
_FROM_CODE = "guard_blocking_calls()"


@dataclass(frozen=True)
class Choice:
    """What one source wants of the rules.

    Attributes:
        source: The source, for people.
        add: More rules; one for a target that has a rule already changes what it says differently.
        without: Patterns of the ids of rules to leave out.
        only_from: Patterns of ids, and of the packages to whose calls these rules are restricted.
    """

    source: str
    add: tuple[BlockingCall, ...] = ()
    without: tuple[str, ...] = ()
    only_from: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def applied(self, rules: Sequence[BlockingCall]) -> tuple[BlockingCall, ...]:
        """Return the rules that this choice makes of those that there are.

        Raises:
            ConfigurationError: Where a pattern matches no rule, or an id is taken.
        """
        for text in self.without:
            self._refuse_unknown("without", text, (*RULES, *rules))
        kept = {rule.target: rule for rule in rules if not Patterns(self.without).match(rule.id)}
        for rule in self.add:
            known = kept.get(rule.target)
            self._refuse_taken(rule, kept.values())
            kept[rule.target] = rule if known is None else _changed(known, rule)
        chosen = [*kept.values()]
        for text, packages in self.only_from:
            self._refuse_unknown("only_from", text, (*RULES, *rules, *self.add))
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
    """Return the rule that there is for a target, with what an added one says differently."""
    said = {
        field.name: getattr(added, field.name)
        for field in fields(added)
        if getattr(added, field.name) != (added.target if field.name == "id" else field.default)
    }
    return replace(known, **said)


def selected(*choices: Choice) -> tuple[BlockingCall, ...]:
    """Return the library's rules as one choice after the other changes them.

    Raises:
        ConfigurationError: Where a choice cannot be used.
    """
    return reduce(lambda rules, choice: choice.applied(rules), choices, RULES)


def choice_of_code(add: object, without: object, only_from: object) -> Choice:
    """Return what ``guard_blocking_calls`` is called with.

    Raises:
        ConfigurationError: Where that cannot be used.
    """
    return Choice(
        _FROM_CODE,
        _checked(_FROM_CODE, "add", _rules, add),
        _checked(_FROM_CODE, "without", _patterns, without),
        _checked(_FROM_CODE, "only_from", _restrictions, only_from or {}),
    )


def choice_of_file() -> Choice:
    """Return what the table in ``pyproject.toml`` says.

    Raises:
        ConfigurationError: Where it cannot be used.
    """
    table, source = _settings.table("rules")
    readers: dict[str, Callable[[object], Any]] = {
        "add": _rules_of_tables,
        "without": _patterns,
        "only-from": _restrictions,
    }
    settings = {}
    for key, value in table.items():
        if key not in readers:
            _refuse(source, f"there is no setting {key!r}; there are {', '.join(readers)}")
        settings[key.replace("-", "_")] = _checked(source, key, readers[key], value)
    return Choice(source, **settings)


def _checked(source: str, setting: str, read: Callable[[object], Any], value: object) -> Any:  # noqa: ANN401 - as it reads
    try:
        return read(value)
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
    if isinstance(value, Iterable) and all(isinstance(rule, BlockingCall) for rule in rules):
        return rules
    msg = f'it takes a list of BlockingCall, such as [BlockingCall("boto3.client")], not {value!r}'
    raise ConfigurationError(msg)


def _rules_of_tables(value: object) -> tuple[BlockingCall, ...]:
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return tuple(map(_rule_of_table, value))
    msg = (
        "it takes tables; write each as [[tool.ginger_async_safe.rules.add]], with the rule's target and mend below it"
    )
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
