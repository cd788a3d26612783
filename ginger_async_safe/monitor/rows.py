"""The places where loops were blocked, each once, with how often and for how long."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.qualified_names import stable_name

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Literal

    from ginger_async_safe.monitor.reports import BlockedLoop

__all__ = ["Rows"]


class _Row:
    """One place.

    Args:
        report: The first report of it.
    """

    def __init__(self, report: BlockedLoop) -> None:
        self.report = report
        self._kinds: Counter[Literal["computing", "waiting"]] = Counter([report.doing])

    def add(self, report: BlockedLoop) -> None:
        """Count one more report."""
        known = self.report
        self._kinds[report.doing] += 1
        # A place that is allowed at one time and not at another counts as not allowed.
        granted = None if report.granted is None else known.granted
        self.report = replace(
            known if granted is not None or known.granted is None else report,
            doing="computing" if self._kinds["computing"] >= self._kinds["waiting"] else "waiting",
            count=known.count + 1,
            total=known.total + report.seconds,
            longest=max(known.longest, report.seconds),
            granted=granted,
        )


class Rows:
    """The places where loops were blocked; any thread may read them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[Hashable, _Row] = {}

    def reports(self) -> tuple[BlockedLoop, ...]:
        """Return the places, each as it was first reported, with count, total and longest time until now."""
        with self._lock:
            return tuple(row.report for row in self._rows.values())

    def add(self, report: BlockedLoop) -> bool:
        """Count a blocked loop; return whether it is to be reported: the first time at its place that is not allowed."""
        key = _key(report)
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                self._rows[key] = _Row(report)
                return report.granted is None
            was_granted = row.report.granted is not None
            row.add(report)
            return was_granted and report.granted is None

    def lengthen(self, report: BlockedLoop, seconds: float) -> None:
        """Add the rest of the time for which a loop was blocked, now that it runs again.

        Args:
            report: As it was added.
            seconds: For how long it was blocked in the end.
        """
        with self._lock:
            row = self._rows[_key(report)]
            total = row.report.total + seconds - report.seconds
            row.report = replace(row.report, total=total, longest=max(row.report.longest, seconds))


def _key(report: BlockedLoop) -> Hashable:
    """Return the key of a place: a function by its file and qualified name, at any line and whatever it does there."""
    place = report.blocked_at
    return (report.loop, report.thread) if place is None else (place.file, stable_name(place))
