"""Print the page of the documentation that lists the rules, or write it: ``python scripts/_rules_page.py docs/rules.md``.

The file is written only once the whole page is made.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
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

Rules of SDKs are for [the check](check.md) alone: each covers every method of a client, where `*` is any part of a
name, and `**` one or more names. At run time, the guard stops what such a call makes below, such as
`httpx.Client.send`.

`scripts/rules-page` generates this page.
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
    untitled = {rule.category for rule in ALL_RULES} - TITLES.keys()
    if untitled:
        sys.exit(f"give each category a title in {Path(__file__).name}: {', '.join(sorted(untitled))}")
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


def main(*paths: str) -> None:
    """Write the page to each path, or print it where there is none."""
    if sys.version_info < (3, 11) or sys.platform != "linux":
        sys.exit("make the page on Linux, with Python 3.11 or newer: elsewhere some of the rules are not there")
    page = "\n".join(lines()).rstrip() + "\n"
    for path in paths:
        Path(path).write_text(page, encoding="utf-8")
    if not paths:
        print(page, end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
