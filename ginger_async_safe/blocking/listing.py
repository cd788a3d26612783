"""The built-in rules, and those of the settings, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.blocking.documentation import by_id, fix_of, page_of
from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["rule_details", "rule_lines", "rules_here"]


def rule_lines() -> Iterator[str]:
    """Yield a line for each rule: its id, its category, its reason and its fix.

    Raises:
        ConfigurationError: If the settings of the rules are invalid.
    """
    rules = rules_here()
    width = max(map(len, rules))
    for name, (rule, *_) in rules.items():
        yield f"{name:{width}}  {rule.category:9}  {rule.reason}; fix: {fix_of(rule)}"


def rule_details(pattern: str) -> Iterator[str]:
    """Yield lines for each rule that a pattern matches, with the effect of the settings on it.

    Raises:
        ConfigurationError: If it matches none, or the settings of the rules are invalid.
    """
    choice = choice_of_file()
    in_force = by_id(selected(choice))
    wanted = {name: rules for name, rules in rules_here().items() if Patterns(pattern).match(name)}
    if not wanted:
        msg = f"{pattern!r} matches no rule; `ginger-async-safe rules` lists them"
        raise ConfigurationError(msg)
    for name, rules in wanted.items():
        (rule, *_), (chosen, *_) = rules, in_force.get(name, [None])
        callers = ", ".join(chosen.callers) if chosen is not None else ""
        source = f"   from {choice.source}"
        rows = {
            "category": rule.category,
            "reason": rule.reason,
            "fix": fix_of(rule),
            "covers": ", ".join(each.target for each in rules),
            "used by": "the check alone; at run time, the guard stops the calls that it makes"
            if rule.is_static
            else "",
            "settings": f"left out{source}" if chosen is None else f"only from {callers}{source}" if callers else "",
            "more": page_of(name),
        }
        yield name
        yield from (f"  {key:9} {text}" for key, text in rows.items() if text)


def rules_here() -> dict[str, list[BlockingCall]]:
    """Return all rules by their ids, including those that the settings add, change or exclude.

    Raises:
        ConfigurationError: If the settings of the rules are invalid.
    """
    chosen = {rule.target: rule for rule in selected(choice_of_file())}
    return by_id({**{rule.target: rule for rule in ALL_RULES}, **chosen}.values())
