"""Explanations of the check's rules: ``--explain RULE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.blocking import listing
from ginger_async_safe.blocking.listing import rules_here
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.knowledge.orm_rules import ORM_RULES
from ginger_async_safe.lint.report.rule_names import KINDS, Names, code_of, orm_rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OTHERS", "details", "explain_rules", "overview", "rule_lines"]

_PAGE = "docs/check.md"

OTHERS = {
    "suppression": "A suppression comment that is invalid or unused.",
    "baseline": "An entry of the baseline that is no longer found.",
}
"""What reports for programs name beside rules, and what it is."""

_GENERAL = {
    "marked": {
        "reason": "its owner marked it as blocking: with @async_unsafe of this library, of GingerDJ or of Django, or with marked in "
        "[tool.ginger_async_safe.check]",
        "fix": "the fix of the mark; else await sync_to_async(...)(...)",
        "more": f"{_PAGE}#what-it-finds",
    },
    "orm": {
        "reason": "it queries the database in the thread that calls it; a queryset does so where it is evaluated",
        "fix": "the async twin (aget, acount, async for), or await sync_to_async(...)(...)",
        "more": f"{_PAGE}#what-it-finds",
    },
    "dependency": {
        "reason": "the installed version of the package makes a blocking call on every path through it, as its source shows",
        "fix": "the package's async twin, or await sync_to_async(...)(...)",
        "more": f"{_PAGE}#installed-packages",
    },
}


def rule_lines(rule: str) -> Iterator[str]:
    """Yield lines about a rule, given its id.

    Raises:
        ConfigurationError: Where the settings of the rules cannot be used.
    """
    kind = rule.partition(":")[0]
    if rule in ORM_RULES:
        yield from _orm_lines(rule)
    elif kind in KINDS:
        yield rule
        yield f"  {'category':9} {kind}"
        yield from (f"  {key:9} {text}" for key, text in _GENERAL[kind].items())
    elif rule in rules_here():
        yield from listing.rule_details(rule)
    else:  # a rule that was removed
        yield rule
    yield f"  {'noqa':9} {code_of(rule)}"


def explain_rules(name: str) -> Iterator[str]:
    """Yield lines about each rule that a rule name matches.

    Raises:
        ConfigurationError: Where it matches none, or the settings of the rules cannot be used.
    """
    if name in OTHERS:
        yield name
        yield f"  {'reason':9} {OTHERS[name]}"
        yield f"  {'fix':9} delete it; a comment that is invalid can also be written as the page says"
        yield f"  {'more':9} {_PAGE}#{'suppressions' if name == 'suppression' else 'the-baseline'}"
        return
    (text,) = Names([name]).texts
    found = list(_explained(text))
    if not found:
        msg = f"no rule here is in {text}; `ginger-async-safe rules` lists them"
        raise ConfigurationError(msg)
    yield from found


def overview() -> Iterator[str]:
    """Yield a line for each rule, those of the ORM last: its id, its category, its reason and its fix.

    Raises:
        ConfigurationError: Where the settings of the rules cannot be used.
    """
    yield from listing.rule_lines()
    width = max(map(len, rules_here()))
    for rule, row in ORM_RULES.items():
        yield f"{rule:{width}}  {'orm':9}  {row.reason}; fix: {row.fix}"


def details(pattern: str) -> Iterator[str]:
    """Yield lines for each rule that one of several patterns matches.

    Raises:
        ConfigurationError: Where they match none, or the settings of the rules cannot be used.
    """
    texts = list(map(str.strip, pattern.split(",")))
    of_orm = [text for text in texts if text.startswith("orm:")]
    others = ",".join(text for text in texts if text not in of_orm)
    if others or not of_orm:
        yield from listing.rule_details(others)
    for text in Names(of_orm).texts:
        for rule in orm_rules_of(text):
            yield from _orm_lines(rule)


def _orm_lines(rule: str) -> Iterator[str]:
    row = ORM_RULES[rule]
    yield rule
    rows = {
        "category": "orm",
        "reason": row.reason,
        "fix": row.fix,
        "covers": ", ".join(row.calls),
        "more": f"{_PAGE}#what-it-finds",
    }
    yield from (f"  {key:9} {text}" for key, text in rows.items())


def _explained(text: str) -> Iterator[str]:
    kind, colon, _ = text.partition(":")
    if kind in KINDS:
        for rule in orm_rules_of(text) if colon and kind == "orm" else (text,):
            yield from rule_lines(rule)
        return
    for kind in KINDS:
        if text.startswith("GAS") and code_of(kind).startswith(text):
            yield from rule_lines(kind)
    for rule, rows in rules_here().items():
        names = {rule, *(row.target for row in rows)}
        if (
            text == rows[0].category
            or (text.startswith("GAS") and code_of(rule).startswith(text))
            or _is_named(text, names)
        ):
            yield from rule_lines(rule)
    if "." in text or "*" in text:
        for rule in orm_rules_of(text):
            yield from rule_lines(rule)


def _is_named(text: str, names: set[str]) -> bool:
    try:
        return any(map(Patterns(text).match, names))
    except ConfigurationError:
        return False
