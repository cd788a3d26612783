"""What one process sees: violations, grants that ended, and calls that the settings let through."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ginger_async_safe import _grants, policy
from ginger_async_safe._baseline import entry_of

if TYPE_CHECKING:
    from ginger_async_safe._baseline import Baseline, Entry
    from ginger_async_safe._grants import Grant
    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["Finding", "Recorder"]


@dataclass
class Finding:
    """A violation, and how often it was made.

    Attributes:
        violation: The first one.
        entry: What a baseline calls it.
        is_known: Whether the baseline lists it.
        count: How many there were.
    """

    violation: Violation
    entry: Entry
    is_known: bool
    count: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for another process."""
        return {
            "violation": self.violation.to_dict(),
            "entry": list(self.entry),
            "is_known": self.is_known,
            "count": self.count,
        }


class Recorder:
    """Sees every violation of this process, and rules on it, above the policy in force.

    Args:
        ruling: What a violation does; ``None`` leaves that to the policy.
        baseline: Violations that are known, and pass; or ``None``.
    """

    def __init__(self, *, ruling: PolicyName | None, baseline: Baseline | None = None) -> None:
        self._ruling: PolicyName | None = ruling
        self._baseline = baseline
        self._lock = threading.RLock()  # a finalizer may run, and make a guarded call, while it is held
        self._findings: dict[tuple[str, Place | None], Finding] = {}
        self._grants: Counter[tuple[str, str, str]] = Counter()
        self._allowed: Counter[tuple[str, str]] = Counter()

    def start(self) -> None:
        """Begin to see."""
        policy.supervisors.append(self)
        _grants.watchers.append(self.add_grant)

    def stop(self) -> None:
        """See no more."""
        policy.supervisors.remove(self)
        _grants.watchers.remove(self.add_grant)

    def begin_anew(self) -> None:
        """Forget what was seen: this process is a copy, and the other one tells that. A thread there may hold the lock."""
        self._lock = threading.RLock()
        self._findings, self._grants, self._allowed = {}, Counter(), Counter()

    def rule(self, violation: Violation) -> PolicyName | None:
        """Count a violation, and rule on it."""
        site = (violation.call, violation.made_at)
        finding = self._findings.get(site)
        if finding is None:
            entry = entry_of(violation)
            finding = Finding(violation, entry, self._baseline is not None and entry in self._baseline)
        with self._lock:
            finding = self._findings.setdefault(site, finding)
            finding.count += 1
        return "ignore" if finding.is_known else self._ruling

    def allowed(self, call: str, by: str) -> None:
        """Count a call that the settings let through."""
        with self._lock:
            self._allowed[call, by] += 1

    def add_grant(self, grant: Grant, where: str) -> None:
        """Count the calls that a grant has allowed, now that it has ended."""
        with self._lock:
            self._grants[where, str(grant.calls), str(grant.reason or "")] += grant.matched

    def findings(self) -> list[Finding]:
        """Return what was found since the last :meth:`take`."""
        with self._lock:
            return list(self._findings.values())

    def take(self) -> dict[str, Any]:
        """Return what was seen since the last time, as plain values; nothing where nothing was."""
        with self._lock:
            findings, self._findings = self._findings, {}
            grants, self._grants = self._grants, Counter()
            allowed, self._allowed = self._allowed, Counter()
        seen = {
            "findings": [finding.to_dict() for finding in findings.values()],
            "grants": [[*grant, count] for grant, count in grants.items()],
            "allowed": [[*call, count] for call, count in allowed.items()],
        }
        # Messages and names may be of subclasses of str, which do not cross to another process as they are.
        plain: dict[str, Any] = json.loads(json.dumps({key: value for key, value in seen.items() if value}))
        return plain

    def add_open_grants(self) -> None:
        """Count the calls that grants have allowed which nobody has ended."""
        for grant in _grants.grants_here():
            self.add_grant(grant, f"{_grants.name_of_place(grant.blocks)} (never ended)")
