"""Explanations of the check's rules: ``--explain RULE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.blocking.listing import rule_details, rules_here
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.report.rule_names import KINDS, Names, code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["explain_rules", "rule_lines"]

_PAGE = "docs/check.md"
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
        "reason": "the installed version of the package makes a blocking call on each way through it, as its source shows",
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
    if kind in KINDS:
        yield rule
        yield f"  {'category':9} {kind}"
        yield from (f"  {key:9} {text}" for key, text in _GENERAL[kind].items())
    elif rule in rules_here():
        yield from rule_details(rule)
    else:  # a rule that was removed
        yield rule
    yield f"  {'noqa':9} {code_of(rule)}"


def explain_rules(name: str) -> Iterator[str]:
    """Yield lines about each rule that a rule name matches.

    Raises:
        ConfigurationError: Where it matches none, or the settings of the rules cannot be used.
    """
    (text,) = Names([name]).texts
    if text.partition(":")[0] in KINDS:
        yield from rule_lines(text)
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


def _is_named(text: str, names: set[str]) -> bool:
    try:
        return any(map(Patterns(text).match, names))
    except ConfigurationError:
        return False
