"""What a run has found, from all of its processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ginger_async_safe._baseline import Entry
from ginger_async_safe.violation import Place, Violation

__all__ = ["Ledger", "Site", "number"]


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
    def record(self) -> Violation:
        """The record of the first violation."""
        places = {name: Place(**plain) for name, plain in self.violation.items() if isinstance(plain, dict)}
        return Violation(**{**self.violation, **places, "path": tuple(self.violation["path"])})

    @property
    def place(self) -> str:
        """The line, for people."""
        return str(self.record.made_at or "the event loop itself")


class Ledger:
    """Adds up what the processes of a run send.

    Attributes:
        grants: How many calls each grant allowed, by where it is, its patterns and its reason.
        allowed: How many calls of each name the settings let through, by the name and the setting.
    """

    def __init__(self) -> None:
        self._sites: dict[tuple[Any, ...], Site] = {}
        self.grants: Counter[tuple[str, str, str]] = Counter()
        self.allowed: Counter[tuple[str, str]] = Counter()

    @property
    def sites(self) -> list[Site]:
        """What was found, the most frequent first."""
        return sorted(self._sites.values(), key=lambda site: (-site.count, site.entry, site.place))

    def total(self) -> str:
        """Say how much was found."""
        sites = self.sites
        if not sites:
            return "no violations"
        return f"{number(sum(site.count for site in sites), 'violation')} at {number(len(sites), 'place')}"

    def add(self, test: str | None, seen: dict[str, Any]) -> None:
        """Add what a recorder's ``take()`` returned.

        Args:
            test: The id of the test that did it; ``None`` where none did.
            seen: The plain values.
        """
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


def number(count: int, one: str, many: str = "") -> str:
    """Return a number and what it counts, in words."""
    return f"{count} {one if count == 1 else many or one + 's'}"
