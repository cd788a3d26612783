"""What a run has found, from all of its processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ginger_async_safe._baseline import Entry
from ginger_async_safe.violation import Place

__all__ = ["Ledger", "Site"]


@dataclass
class Site:
    """A line that makes a guarded call.

    Attributes:
        violation: The record of the first violation, as ``Violation.to_dict()`` gives it.
        entry: What a baseline calls it.
        is_known: Whether the baseline lists it.
        first: The id of the test that was the first to make it; ``None`` where none did.
        count: How often it was made.
        tests: The ids of all tests that made it.
    """

    violation: dict[str, Any]
    entry: Entry
    is_known: bool
    first: str | None
    count: int = 0
    tests: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """The line, for people."""
        made_at = self.violation["made_at"]
        return "the event loop itself" if made_at is None else str(Place(**made_at))


class Ledger:
    """Adds up what the processes of a run send.

    Attributes:
        lost: Why something is missing, or nothing.
        left_out: How many tests were not to run.
        collected: How many tests were to run.
        ran: The ids of those that did.
        failed: The ids of those that failed, or were expected to.
        skipped: The ids of those that were skipped.
        grants: How many calls each grant allowed, by where it is, its patterns and its reason.
        allowed: How many calls of each name the settings let through, by the name and the setting.
    """

    def __init__(self) -> None:
        self._sites: dict[tuple[Any, ...], Site] = {}
        self.grants: Counter[tuple[str, str, str]] = Counter()
        self.allowed: Counter[tuple[str, str]] = Counter()
        self.left_out: int = 0
        self.collected: int = 0
        self.ran: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        self.lost: str = ""

    @property
    def sites(self) -> list[Site]:
        """What was found, the most frequent first."""
        return sorted(self._sites.values(), key=lambda site: (-site.count, site.entry, site.place))

    def add(self, test: str | None, seen: dict[str, Any]) -> None:
        """Add what a recorder's ``take()`` returned.

        Args:
            test: The id of the test that did it; ``None`` where it was done between tests.
            seen: The plain values.
        """
        test = test or seen.get("test")
        for finding in seen.get("findings", ()):
            violation = finding["violation"]
            made_at = violation["made_at"] or {"file": None, "line": None}
            entry = Entry(*finding["entry"])
            key = (entry, made_at["file"], made_at["line"])
            site = self._sites.setdefault(key, Site(violation, entry, finding["is_known"], test))
            site.count += finding["count"]
            site.tests |= {test} if test else set()
        for where, calls, reason, count in seen.get("grants", ()):
            self.grants[where, calls, reason] += count
        for call, by, count in seen.get("allowed", ()):
            self.allowed[call, by] += count

    def add_rest(self, rest: dict[str, Any]) -> None:
        """Add what a process has left at its end."""
        self.left_out = max(self.left_out, rest["left_out"])
        self.collected = max(self.collected, rest["collected"])
        for seen in rest["seen"]:
            self.add(None, seen)
