"""Rules as the documentation tells of them: those of one id together, and each with a place to read about it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["anchor", "by_id", "mend_of", "page_of"]

_PAGE = "docs/rules.md"


def by_id(rules: Iterable[BlockingCall]) -> dict[str, list[BlockingCall]]:
    """Return the rules of each id: one id may stand for several callables."""
    found: dict[str, list[BlockingCall]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        found.setdefault(rule.id, []).append(rule)
    return found


def anchor(rule: str) -> str:
    """Return what the section of a rule is called in links: as GitHub has it, and as the documentation is built."""
    return re.sub(r"[^\w-]", "", rule.lower())


def mend_of(rule: BlockingCall) -> str:
    """Return what to write in an async function that makes the call itself."""
    return rule.mend or f"await sync_to_async({rule.id})(...)"


def page_of(rule: str) -> str:
    """Return where to read about a rule of the library's own; nothing of others.

    Args:
        rule: The id of the rule.
    """
    return f"{_PAGE}#{anchor(rule)}" if rule in _known() else ""


@cache
def _known() -> frozenset[str]:
    return frozenset(rule.id for rule in RULES)
