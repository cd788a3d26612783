"""Rules as the documentation lists them: grouped by id, each with a link to its section."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules import ALL_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["anchor", "by_id", "fix_of", "page_of"]

_PAGE = "docs/rules.md"


def by_id(rules: Iterable[BlockingCall]) -> dict[str, list[BlockingCall]]:
    """Group rules by id: one id may cover several callables."""
    found: dict[str, list[BlockingCall]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        found.setdefault(rule.id, []).append(rule)
    return found


def anchor(rule: str) -> str:
    """Return the anchor of a rule's section, the same on GitHub and in the built documentation."""
    return re.sub(r"[^\w-]", "", rule.lower())


def fix_of(rule: BlockingCall) -> str:
    """Return the fix for an async function that makes the call itself."""
    return rule.fix or f"await sync_to_async({rule.id})(...)"


def page_of(rule: str) -> str:
    """Return the link to the section of a built-in rule; an empty text for other rules.

    Args:
        rule: The id of the rule.
    """
    return f"{_PAGE}#{anchor(rule)}" if rule in _known() else ""


@cache
def _known() -> frozenset[str]:
    return frozenset(rule.id for rule in ALL_RULES)
