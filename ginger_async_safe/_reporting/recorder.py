"""Recording the violations, ended grants and allowed calls of one process."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ginger_async_safe import policy
from ginger_async_safe._reporting.baseline import entry_of
from ginger_async_safe.policy import grants

if TYPE_CHECKING:
    from ginger_async_safe._reporting.baseline import Baseline, BaselineEntry
    from ginger_async_safe.policy import Grant, PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["Recorder", "SeenViolation"]


@dataclass
class SeenViolation:
    """The violations of one call at one place.

    Attributes:
        violation: The first one.
        entry: Its entry in a baseline.
        is_known: Whether the baseline lists it.
        is_only_reported: Whether the call was never to be stopped, because it is an installed package's own.
        count: How often it occurred.
    """

    violation: Violation
    entry: BaselineEntry
    is_known: bool
    is_only_reported: bool = False
    count: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for another process."""
        return {
            "violation": self.violation.to_dict(),
            "entry": list(self.entry),
            "is_known": self.is_known,
            "is_only_reported": self.is_only_reported,
            "count": self.count,
        }


class Recorder:
    """Record every violation of this process, and decide what it does before the policy is consulted.

    Args:
        ruling: What a violation does; ``None`` leaves that to the policy.
        baseline: The known violations, which are allowed; or ``None``.
        reports_to_user: Whether the violations appear in a report, so that they need not be logged as well.
    """

    def __init__(
        self, *, ruling: PolicyName | None, baseline: Baseline | None = None, reports_to_user: bool = True
    ) -> None:
        self.reports_to_user: bool = reports_to_user
        self._ruling: PolicyName | None = ruling
        self._baseline = baseline
        self._lock = threading.RLock()  # a finalizer may run, and make a guarded call, while it is held
        self._seen: dict[tuple[str, Place | None, bool], SeenViolation] = {}
        self._grants: Counter[tuple[str, str, str]] = Counter()
        self._allowed: Counter[tuple[str, str]] = Counter()

    def start(self) -> None:
        """Begin to record."""
        policy.supervisors.append(self)
        grants.watchers.append(self.add_grant)

    def stop(self) -> None:
        """Stop recording."""
        policy.supervisors.remove(self)
        grants.watchers.remove(self.add_grant)

    def reset(self) -> None:
        """Drop what was recorded: after a fork, the parent reports that. A thread of the parent may hold the lock."""
        self._lock = threading.RLock()
        self._seen, self._grants, self._allowed = {}, Counter(), Counter()

    def rule(self, violation: Violation) -> PolicyName | None:
        """Count a violation, and return what it does."""
        return "ignore" if self._counted(violation).is_known else self._ruling

    def noted(self, violation: Violation) -> None:
        """Count a violation that is an installed package's own."""
        self._counted(violation, is_only_reported=True)

    def _counted(self, violation: Violation, *, is_only_reported: bool = False) -> SeenViolation:
        site = (violation.call, violation.called_at, is_only_reported)
        seen = self._seen.get(site)
        if seen is None:
            entry = entry_of(violation)
            is_known = self._baseline is not None and entry in self._baseline
            seen = SeenViolation(violation, entry, is_known, is_only_reported)
        with self._lock:
            seen = self._seen.setdefault(site, seen)
            seen.count += 1
        return seen

    def allowed(self, call: str, by: str) -> None:
        """Count a call that the settings allowed."""
        with self._lock:
            self._allowed[call, by] += 1

    def add_grant(self, grant: Grant, where: str) -> None:
        """Count the calls that a grant has allowed, when it ends."""
        with self._lock:
            self._grants[where, str(grant.calls), str(grant.reason or "")] += grant.matched

    def seen(self) -> list[SeenViolation]:
        """Return the violations since the last :meth:`take`."""
        with self._lock:
            return list(self._seen.values())

    def take(self) -> dict[str, Any]:
        """Return what was recorded since the last call, as plain values; an empty dict if nothing was."""
        with self._lock:
            seen, self._seen = self._seen, {}
            grants, self._grants = self._grants, Counter()
            allowed, self._allowed = self._allowed, Counter()
        recorded = {
            "violations": [each.to_dict() for each in seen.values()],
            "grants": [[*grant, count] for grant, count in grants.items()],
            "allowed": [[*call, count] for call, count in allowed.items()],
        }
        # Messages and names may be instances of subclasses of str, which cannot be sent to another process.
        plain: dict[str, Any] = json.loads(json.dumps({key: value for key, value in recorded.items() if value}))
        return plain

    def add_open_grants(self) -> None:
        """Count the calls that grants which have not ended have allowed."""
        for grant in grants.grants_here():
            self.add_grant(grant, f"{grants.name_of_place(grant.blocks)} (never ended)")
