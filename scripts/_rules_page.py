"""Print the page of the documentation that lists the rules: ``python scripts/_rules_page.py > docs/rules.md``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.documentation import by_id, mend_of
from ginger_async_safe.blocking.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.blocking.calls import BlockingCall

HEAD = """\
# The rules

This page lists the calls that [`guard_blocking_calls()`](blocking.md) guards. Each rule is called by its id, in reports
and in patterns such as `file.*`; `ginger-async-safe rules ID` prints the same with what your settings make of it. The
mend is for an async function that makes the call itself; where sync code below it does, all of that moves to a thread:
`await sync_to_async(function)(...)`.

`scripts/_rules_page.py` writes this page from the rules themselves.
"""
TITLES = {
    "time": "The clock",
    "files": "Files",
    "network": "The network",
    "processes": "Processes",
    "threads": "Threads",
    "databases": "Databases",
}
"""The sections, in order: a category that is not here is an error."""


def lines() -> Iterator[str]:
    """Yield the page's lines."""
    yield HEAD
    rules = by_id(RULES)
    assert {rule.category for rule in RULES} == set(TITLES), "give each category a title"
    for category, title in TITLES.items():
        yield f"## {title}\n"
        for name, those in rules.items():
            if those[0].category == category:
                yield from _section(name, those)


def _section(name: str, rules: list[BlockingCall]) -> Iterator[str]:
    reasons = dict.fromkeys(rule.reason for rule in rules)
    conditional = "" if any(rule.blocks is None and rule.shape == "call" for rule in rules) else ", where it would wait"
    mends = dict.fromkeys(rule.mend for rule in rules if rule.mend) or [mend_of(rules[0])]
    yield f"### `{name}`\n"
    yield f"- Why: {'; '.join(reasons)}."
    yield f"- Instead: {'; '.join(f'`{mend}`' for mend in mends)}"
    known = [re.sub(r"\bpathlib\._NormalAccessor\.\w+", "", rule.target) for rule in rules]
    targets = ", ".join(f"`{target}`" for target in sorted(set(filter(None, known))))
    yield f"- Guards: {targets}{conditional}\n"


if __name__ == "__main__":
    print("\n".join(lines()).rstrip())
