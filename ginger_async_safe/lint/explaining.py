"""What a rule of the check is about: ``--explain RULE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.blocking.listing import rule_details, rules_here
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.rule_names import KINDS, Names, code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["details", "explained"]

_PAGE = "docs/check.md"
_GENERAL = {
    "marked": {
        "reason": "its owner says that it blocks: by @async_unsafe of this library, of GingerDJ or of Django, or by marked in "
        "[tool.ginger_async_safe.check]",
        "mend": "what the mark says; else await sync_to_async(...)(...)",
        "more": f"{_PAGE}#what-it-finds",
    },
    "orm": {
        "reason": "it queries the database in the thread that calls it; a queryset does so where it is evaluated",
        "mend": "the async twin (aget, acount, async for), or await sync_to_async(...)(...)",
        "more": f"{_PAGE}#what-it-finds",
    },
}


def details(rule: str) -> Iterator[str]:
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
    else:  # a rule that is no longer there
        yield rule
    yield f"  {'noqa':9} {code_of(rule)}"


def explained(name: str) -> Iterator[str]:
    """Yield lines about each rule that a name of rules stands for.

    Raises:
        ConfigurationError: Where it stands for none, or the settings of the rules cannot be used.
    """
    (text,) = Names([name]).texts
    if text.partition(":")[0] in KINDS:
        yield from details(text)
        return
    for kind in KINDS:
        if text.startswith("GAS") and code_of(kind).startswith(text):
            yield from details(kind)
    for rule, rows in rules_here().items():
        names = {rule, *(row.target for row in rows)}
        if (
            text == rows[0].category
            or (text.startswith("GAS") and code_of(rule).startswith(text))
            or _is_named(text, names)
        ):
            yield from details(rule)


def _is_named(text: str, names: set[str]) -> bool:
    try:
        return any(map(Patterns(text).match, names))
    except ConfigurationError:
        return False
