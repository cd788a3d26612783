"""What a run's findings mean: for its baseline, and for its exit code."""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path

if TYPE_CHECKING:
    import pytest

    from ginger_async_safe._baseline import Baseline, Entry
    from ginger_async_safe._reporting.ledger import Site
    from ginger_async_safe.pytest_plugin.ledger import TestLedger
    from ginger_async_safe.pytest_plugin.options import Options

__all__ = ["Verdict", "judge", "why_partial"]


@dataclass
class Verdict:
    """What follows from a run.

    Attributes:
        baseline: The baseline, or ``None``.
        partial: Why the run could not have made all known violations, or nothing.
        unseen: Entries of the baseline that the run did not make.
        removed: Entries that leave the baseline.
        added: Entries that the run brings into the baseline.
        stray: Violations that no test has failed of.
        skipped: How many tests were skipped.
        trouble: Why the baseline and the report could not be written.
        is_strict: Whether the run fails where the baseline lists what is no longer made.
    """

    baseline: Baseline | None
    partial: str = ""
    unseen: list[Entry] = field(default_factory=list)
    removed: list[Entry] = field(default_factory=list)
    added: list[Entry] = field(default_factory=list)
    stray: list[Site] = field(default_factory=list)
    skipped: int = 0
    trouble: list[str] = field(default_factory=list)
    is_strict: bool = False

    @property
    def mended(self) -> list[Entry]:
        """Entries that are no longer made, as far as the run can tell."""
        return [] if self.partial else self.unseen

    @property
    def kept(self) -> set[Entry]:
        """What a baseline written now has."""
        return {*(self.baseline.entries if self.baseline else ()), *self.added} - set(self.removed)

    @property
    def fails(self) -> bool:
        """Whether the run fails of this, whatever its tests say."""
        return bool(self.stray or self.trouble or (self.is_strict and self.mended))


def judge(ledger: TestLedger, options: Options, baseline: Baseline | None, partial: str) -> Verdict:
    """Judge what a run has found."""
    verdict = Verdict(
        baseline, partial, skipped=len(ledger.skipped), is_strict=options.is_strict and not options.updates
    )
    if options.fails:
        verdict.stray = [site for site in ledger.sites if not site.is_known and not site.tests & ledger.failed]
    if baseline is not None:
        seen = {site.entry for site in ledger.sites}
        verdict.unseen = sorted(baseline.entries - baseline.of_check - seen)
        if options.updates:
            verdict.added = sorted(seen - baseline.entries)
            # What a skipped test would have made, nobody knows; a person may delete the line.
            verdict.removed = [] if ledger.skipped else verdict.mended
    return verdict


def why_partial(session: pytest.Session, ledger: TestLedger) -> str:
    """Say why a run cannot tell which violations are no longer made; nothing where it can."""
    option = session.config.option
    reasons = [
        (ledger.lost, ledger.lost),
        (ledger.left_out, "tests were deselected"),
        (session.testsfailed, "tests failed"),
        (session.shouldstop or session.shouldfail, "the run was stopped"),
        (len(ledger.ran) < max(ledger.collected, 1), "not all tests ran"),
        (option.ignore or option.ignore_glob or getattr(option, "lf", False), "files were ignored"),
    ]
    for holds, reason in reasons:
        if holds:
            return reason
    asked = [(session.config.invocation_params.dir / each).resolve() for each in session.config.args]
    left_out = [root for root in _roots(session.config) if not any(root.is_relative_to(each) for each in asked)]
    if not left_out:
        return ""
    return f"it covers not all of {shown_path(left_out[0])} (testpaths in the ini file may name less)"


def _roots(config: pytest.Config) -> list[Path]:
    """Return the directories and files that hold the project's tests."""
    patterns = (str(config.rootpath / path) for path in config.getini("testpaths"))
    found = [Path(each).resolve() for pattern in patterns for each in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - which cannot do what pytest allows here
    return found or [config.rootpath.resolve()]
