"""The rules for blocking calls that nobody marked, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rule_lines"]


def rule_lines() -> Iterator[str]:
    """Yield a line for each rule: its id, its category and its reason."""
    rules = {rule.id: rule for rule in reversed(RULES)}  # one id may stand for several callables
    width = max(map(len, rules))
    for name, rule in sorted(rules.items()):
        yield f"{name:{width}}  {rule.category:9}  {rule.reason}"
