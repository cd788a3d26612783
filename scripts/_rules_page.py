"""Print the page of the documentation that lists the rules: ``python scripts/_rules_page.py > docs/rules.md``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.documentation import by_id, fix_of
from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.lint.knowledge.unread_conditions import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.blocking.calls import BlockingCall

HEAD = """\
# The rules

The built-in rules for unmarked blocking calls, which [`guard_blocking_calls()`](blocking.md) guards. Reports, and
patterns such as `file.*`, refer to a rule by its id; `ginger-async-safe rules ID` prints the same with the effect of your
settings. The fix is for an async function that makes the call itself; if a sync function below it does, that function
moves to a thread: `await sync_to_async(function)(...)`. Where a rule has a condition, the check reads it from the source
of the call, as far as it is known there; if it does not, the rule says what it does instead.

Rules of SDKs are for [the check](check.md) alone: each covers every method of a client, where `*` stands for any part of a
name, and `**` for one or more names. At run time, the guard stops what such a call makes below, such as
`httpx.Client.send`.

`scripts/_rules_page.py` generates this page.
"""
TITLES = {
    "time": "The clock",
    "files": "Files",
    "network": "The network",
    "processes": "Processes",
    "threads": "Threads",
    "databases": "Databases",
    "other": "Computation and devices",
}
"""The sections, in order: a category that is not here is an error."""


def lines() -> Iterator[str]:
    """Yield the page's lines."""
    yield HEAD
    rules = by_id(ALL_RULES)
    assert {rule.category for rule in ALL_RULES} == set(TITLES), "give each category a title"
    for category, title in TITLES.items():
        yield f"## {title}\n"
        for name, those in rules.items():
            if those[0].category == category:
                yield from _section(name, those)


def _section(name: str, rules: list[BlockingCall]) -> Iterator[str]:
    reasons = dict.fromkeys(rule.reason for rule in rules)
    conditional = "" if any(rule.blocks is None and rule.shape == "call" for rule in rules) else ", where it would wait"
    fixes = dict.fromkeys(rule.fix for rule in rules if rule.fix) or [fix_of(rules[0])]
    yield f"### `{name}`\n"
    yield f"- Why: {'; '.join(reasons)}."
    yield f"- Fix: {'; '.join(f'`{fix}`' for fix in fixes)}"
    known = [re.sub(r"\bpathlib\._NormalAccessor\.\w+", "", rule.target) for rule in rules]
    targets = ", ".join(f"`{target}`" for target in sorted(set(filter(None, known))))
    if rules[0].is_static:
        yield f"- For the check alone: {targets}{conditional}"
    else:
        yield f"- Guards: {targets}{conditional}"
    if name in UNREAD:
        yield f"- [The check](check.md) {UNREAD[name]}."
    yield ""


if __name__ == "__main__":
    print("\n".join(lines()).rstrip())
