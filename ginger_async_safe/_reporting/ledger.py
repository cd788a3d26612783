"""The violations of a run, added up from all of its processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ginger_async_safe._reporting.baseline import BaselineEntry
from ginger_async_safe.violation import Place, Violation, with_version

__all__ = ["Ledger", "Site", "number"]


@dataclass
class Site:
    """A line that makes a guarded call.

    Attributes:
        violation: The record of the first violation, as ``Violation.to_dict()`` gives it.
        entry: Its entry in a baseline.
        is_known: Whether the baseline lists it.
        is_only_reported: Whether the call was never to be stopped, because it is an installed package's own.
        first: The id of the first test in which it occurred; ``None`` if that was outside of tests.
        count: How often it occurred.
        tests: The ids of all tests in which it occurred.
    """

    violation: dict[str, Any]
    entry: BaselineEntry
    is_known: bool
    is_only_reported: bool
    first: str | None
    count: int = 0
    tests: set[str] = field(default_factory=set)

    @property
    def record(self) -> Violation:
        """The record of the first violation."""
        places = {name: Place(**plain) for name, plain in self.violation.items() if isinstance(plain, dict)}
        names = {name: tuple(self.violation[name]) for name in ("path", "waiting")}
        return Violation(**{**self.violation, **places, **names})

    @property
    def is_servers(self) -> bool:
        """Whether no first-party code is on the stack of the task or callback."""
        return self.record.owner == "server"

    @property
    def owner(self) -> str:
        """The owner of the violation as text; an installed package with its version."""
        return " ".join(filter(None, (self.record.owner, with_version(self.record.package))))

    @property
    def place(self) -> str:
        """The line as text."""
        return str(self.record.called_at or "the event loop itself")


class Ledger:
    """Add up what the processes of a run send.

    Attributes:
        grants: How many calls each grant allowed, by its location, patterns and reason.
        allowed: How many calls the settings allowed, by the name of the call and the setting.
    """

    def __init__(self) -> None:
        self._sites: dict[tuple[Any, ...], Site] = {}
        self.grants: Counter[tuple[str, str, str]] = Counter()
        self.allowed: Counter[tuple[str, str]] = Counter()

    @property
    def sites(self) -> list[Site]:
        """The violations by call site, the most frequent first, without those of :attr:`noted`."""
        return self._most_frequent_first(is_servers=False)

    @property
    def noted(self) -> list[Site]:
        """The calls that servers and other installed packages make on their own, the most frequent first."""
        return self._most_frequent_first(is_servers=True)

    def _most_frequent_first(self, *, is_servers: bool) -> list[Site]:
        sites = (site for site in self._sites.values() if (site.is_only_reported and site.is_servers) == is_servers)
        return sorted(sites, key=lambda site: (-site.count, site.entry, site.place))

    def total(self) -> str:
        """Return the number of violations and places as text."""
        sites = self.sites
        if not sites:
            return "no violations"
        return f"{number(sum(site.count for site in sites), 'violation')} at {number(len(sites), 'place')}"

    def add(self, test: str | None, recorded: dict[str, Any]) -> None:
        """Add what a recorder's ``take()`` returned.

        Args:
            test: The id of the test in which it was recorded; ``None`` outside of tests.
            recorded: The plain values.
        """
        for seen in recorded.get("violations", ()):
            violation = seen["violation"]
            called_at = violation["called_at"] or {"file": None, "line": None}
            entry = BaselineEntry(*seen["entry"])
            key = (entry, called_at["file"], called_at["line"])
            is_only_reported = seen["is_only_reported"]
            site = Site(violation, entry, seen["is_known"], is_only_reported, test)
            site = self._sites.setdefault((*key, is_only_reported), site)
            site.count += seen["count"]
            site.tests |= {test} if test else set()
        for where, calls, reason, count in recorded.get("grants", ()):
            self.grants[where, calls, reason] += count
        for call, by, count in recorded.get("allowed", ()):
            self.allowed[call, by] += count


def number(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{count} {one if count == 1 else many or one + 's'}"
