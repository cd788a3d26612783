"""Rule names in options, settings and comments: ids, patterns, categories and codes."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.blocking.selection import choice_of_file
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.knowledge.orm_rules import ORM_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.domain.findings import Finding

__all__ = ["KINDS", "Names", "category_of", "code_of", "meant", "orm_rules_of"]

KINDS = ("marked", "orm", "dependency")
"""Prefixes of the ids of findings that have no row among the rules, before the colon."""

_CODES: dict[str, str] = {
    "GAS101": "marked",
    "GAS102": "orm",
    "GAS103": "dependency",
    "GAS201": "time",
    "GAS202": "files",
    "GAS203": "network",
    "GAS204": "processes",
    "GAS205": "databases",
    "GAS206": "threads",
    "GAS299": "other",
}
"""Codes of categories for ``# noqa``, in which ruff and flake8 accept letters and digits only."""

_CODE_FORM = re.compile(r"GAS\d+")


class Names:
    """Names of rules.

    A name is the id of a rule or the name of its call, with ``*`` for any part; a category; a code, or the beginning of one;
    ``marked:``, ``orm:`` or ``dependency:`` and a name with ``*`` for any part. Which functions are marked is known only once
    the project has been read, and what packages have only where they are: what follows these two is not checked here.

    Args:
        texts: The names.

    Raises:
        ConfigurationError: Where one names no rule.
    """

    __slots__ = ("_found", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts: tuple[str, ...] = tuple(map(_checked, texts))
        self._found: dict[tuple[str, str], bool] = {}  # many findings are of few calls

    def __bool__(self) -> bool:
        return bool(self.texts)

    def match(self, finding: Finding) -> bool:
        """Return whether one of them names a finding."""
        found = self._found.get((finding.id, finding.call))
        if found is None:
            found = any(_matches(text, finding.id, finding.call) for text in self.texts)
            self._found[finding.id, finding.call] = found
        return found

    def may_be_of(self, category: str) -> bool:
        """Return whether one names a category that has its own kind of ids, some of these, or its code."""
        return any(
            text == category or text.startswith(f"{category}:") or code_of(f"{category}:").startswith(text)
            for text in self.texts
        )

    def of_marked(self) -> Iterator[str]:
        """Yield the patterns of marked functions, without ``marked:``."""
        for text in self.texts:
            kind, colon, pattern = text.partition(":")
            if colon and kind == "marked":
                yield pattern


def category_of(rule: str) -> str:
    """Return the category that an id is in; an id that no rule has is in ``other``."""
    kind = rule.partition(":")[0]
    return kind if kind in KINDS else _categories().get(rule, "other")


def code_of(rule: str) -> str:
    """Return the code of the category that an id is in."""
    return next((code for code, category in _CODES.items() if category == category_of(rule)), "GAS299")


def _matches(text: str, rule: str, call: str) -> bool:
    if _CODE_FORM.fullmatch(text):
        return code_of(rule).startswith(text)
    if text == category_of(rule):
        return True
    kind, colon, pattern = text.partition(":")
    if colon:
        found, _, name = rule.partition(":")
        return found == kind and Patterns(pattern).match(name)
    return Patterns(text).match(rule.replace(":", ".")) or Patterns(text).match(call)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        msg = "a name of a rule is empty; `ginger-async-safe rules` lists them"
        raise ConfigurationError(msg)
    kind, colon, pattern = text.partition(":")
    if colon and kind in {"marked", "dependency"}:
        Patterns(pattern)
        return text
    if colon and kind == "orm":
        if not any(orm_rules_of(text)):
            msg = f"{text!r} matches no rule{meant(text, ORM_RULES)} `ginger-async-safe rules` lists them"
            raise ConfigurationError(msg)
        return text
    if _CODE_FORM.fullmatch(text):
        known = any(code.startswith(text) for code in _CODES)
    else:
        known = text in {*KINDS, *_CODES.values()} or _names_a_rule(text)
    if known:
        return text
    near = meant(text, [*_categories(), *_CODES, *_CODES.values(), *ORM_RULES])
    msg = (
        f"{text!r} matches no rule{near} `ginger-async-safe rules` lists them; marked:NAME is a marked function, "
        "orm:NAME a call of the ORM, and dependency:NAME one of an installed package"
    )
    raise ConfigurationError(msg)


def _names_a_rule(text: str) -> bool:
    try:
        patterns = Patterns(text)
    except ConfigurationError:
        return False
    return any(patterns.match(name) for name in (*_categories(), *_orm_calls()))


def meant(text: str, names: Iterable[str]) -> str:
    """Return the names that a misspelt one may be meant for, as the end of a clause."""
    near = get_close_matches(text, list(names), n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ";"


def orm_rules_of(text: str) -> Iterator[str]:
    """Yield the ids of the ORM's rules that a name matches: ``orm:`` and a pattern, or a pattern of calls.

    Raises:
        ConfigurationError: Where the pattern is malformed.
    """
    kind, colon, pattern = text.partition(":")
    patterns = Patterns(pattern if colon and kind == "orm" else text)
    for rule, row in ORM_RULES.items():
        names = (rule.partition(":")[2],) if colon else row.calls
        if any(map(patterns.match, names)):
            yield rule


@cache
def _orm_calls() -> tuple[str, ...]:
    return tuple(call for row in ORM_RULES.values() for call in row.calls)


def _categories() -> Mapping[str, str]:
    """Return the category of each rule, those too that the settings add, by id and by target."""
    return _categories_with(choice_of_file().add)


@lru_cache(maxsize=4)
def _categories_with(added: tuple[BlockingCall, ...]) -> Mapping[str, str]:
    return {name: rule.category for rule in (*ALL_RULES, *added) for name in (rule.target, rule.id)}
