"""What one process of a test run sees: violations, grants that ended, and calls that the settings let through."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe import _grants, policy
from ginger_async_safe._baseline import entry_of

if TYPE_CHECKING:
    from ginger_async_safe._baseline import Baseline, Entry
    from ginger_async_safe._grants import Grant
    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["RECORDER", "Finding", "Recorder"]


@dataclass
class Finding:
    """A violation, and how often a test has made it.

    Attributes:
        violation: The first one.
        entry: What a baseline calls it.
        is_known: Whether the baseline lists it.
        count: How many there were.
        has_failed: Whether a test has failed of it.
    """

    violation: Violation
    entry: Entry
    is_known: bool
    count: int = 0
    has_failed: bool = False

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
        fails: Whether a violation that is not known is left to the policy, and fails its test; else all of them pass.
        baseline: The known violations, or ``None``.
    """

    def __init__(self, *, fails: bool, baseline: Baseline | None) -> None:
        self._fails = fails
        self._baseline = baseline
        self._lock = threading.RLock()  # a finalizer may run, and make a guarded call, while it is held
        self.test: str | None = None
        """The id of the test that runs."""
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

    def rule(self, violation: Violation) -> PolicyName | None:
        """Count a violation; let it pass unless it fails its test."""
        site = (violation.call, violation.made_at)
        finding = self._findings.get(site)
        if finding is None:
            entry = entry_of(violation)
            finding = Finding(violation, entry, self._baseline is not None and entry in self._baseline)
        with self._lock:
            finding = self._findings.setdefault(site, finding)
            finding.count += 1
        return None if self._fails and not finding.is_known else "ignore"

    def allowed(self, call: str, by: str) -> None:
        """Count a call that the settings let through."""
        with self._lock:
            self._allowed[call, by] += 1

    def add_grant(self, grant: Grant, where: str) -> None:
        """Count the calls that a grant has allowed, now that it has ended."""
        with self._lock:
            self._grants[where, str(grant.calls), str(grant.reason or "")] += grant.matched

    def fresh(self) -> list[Finding]:
        """Return the violations of this test that it has to fail of, each once."""
        with self._lock:
            fresh = [each for each in self._findings.values() if not each.is_known and not each.has_failed]
        if not self._fails:
            return []
        for finding in fresh:
            finding.has_failed = True
        return fresh

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
        return {**plain, "test": self.test} if plain else plain

    def add_open_grants(self) -> None:
        """Count the calls that grants have allowed which nobody has ended."""
        for grant in _grants.grants_here():
            self.add_grant(grant, f"{_grants.name_of_place(grant.blocks)} (never ended)")


RECORDER = pytest.StashKey[Recorder]()
