"""What the violations of a run mean for its baseline and its exit code."""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path

if TYPE_CHECKING:
    import pytest

    from ginger_async_safe._reporting.baseline import Baseline, BaselineEntry
    from ginger_async_safe._reporting.ledger import Site
    from ginger_async_safe.pytest_plugin.ledger import TestLedger
    from ginger_async_safe.pytest_plugin.options import Options

__all__ = ["TestVerdict", "evaluate_run", "why_partial"]


@dataclass
class TestVerdict:
    """The outcome of a run.

    Attributes:
        baseline: The baseline, or ``None``.
        partial: Why the run may have missed known violations; empty if it ran everything.
        unseen: Entries of the baseline that did not occur in the run.
        removed: Entries to remove from the baseline.
        added: Entries to add to the baseline.
        stray: Violations for which no test failed.
        skipped: How many tests were skipped.
        errors: Why the baseline and the report could not be written.
        is_strict: Whether the run fails if the baseline lists violations that no longer occur.
    """

    __test__ = False  # pytest would collect it because of its name

    baseline: Baseline | None
    partial: str = ""
    unseen: list[BaselineEntry] = field(default_factory=list)
    removed: list[BaselineEntry] = field(default_factory=list)
    added: list[BaselineEntry] = field(default_factory=list)
    stray: list[Site] = field(default_factory=list)
    skipped: int = 0
    errors: list[str] = field(default_factory=list)
    is_strict: bool = False

    @property
    def fixed(self) -> list[BaselineEntry]:
        """Entries that no longer occur; none if the run was partial."""
        return [] if self.partial else self.unseen

    @property
    def kept(self) -> set[BaselineEntry]:
        """The entries of the baseline after an update."""
        return {*(self.baseline.entries if self.baseline else ()), *self.added} - set(self.removed)

    @property
    def fails(self) -> bool:
        """Whether the run fails, even if all of its tests pass."""
        return bool(self.stray or self.errors or (self.is_strict and self.fixed))


def evaluate_run(ledger: TestLedger, options: Options, baseline: Baseline | None, partial: str) -> TestVerdict:
    """Compare the violations of a run with the baseline."""
    verdict = TestVerdict(
        baseline, partial, skipped=len(ledger.skipped), is_strict=options.is_strict and not options.updates
    )
    if options.fails:
        verdict.stray = [
            site
            for site in ledger.sites
            if not (site.is_known or site.is_only_reported) and not site.tests & ledger.failed
        ]
    if baseline is not None:
        seen = {site.entry for site in ledger.sites if not site.is_only_reported}
        verdict.unseen = sorted(baseline.entries - baseline.of_check - seen)
        if options.updates:
            verdict.added = sorted(seen - baseline.entries)
            # A skipped test may still cause the violation; a person may delete the line.
            verdict.removed = [] if ledger.skipped else verdict.fixed
    return verdict


def why_partial(session: pytest.Session, ledger: TestLedger) -> str:
    """Return why a run does not show which violations no longer occur; an empty text if it does."""
    option = session.config.option
    reasons = [
        (ledger.lost, ledger.lost),
        (ledger.deselected, "tests were deselected"),
        (session.testsfailed, "tests failed"),
        (session.shouldstop or session.shouldfail, "the run was stopped"),
        (len(ledger.ran) < max(ledger.collected, 1), "not all tests ran"),
        (option.ignore or option.ignore_glob or getattr(option, "lf", False), "files were ignored"),
    ]
    for holds, reason in reasons:
        if holds:
            return reason
    paths = [(session.config.invocation_params.dir / each).resolve() for each in session.config.args]
    uncovered = [root for root in _roots(session.config) if not any(root.is_relative_to(each) for each in paths)]
    if not uncovered:
        return ""
    return f"the run does not cover all of {shown_path(uncovered[0])} (testpaths in the ini file can narrow that)"


def _roots(config: pytest.Config) -> list[Path]:
    """Return the directories and files that hold the project's tests."""
    patterns = (str(config.rootpath / path) for path in config.getini("testpaths"))
    found = [Path(each).resolve() for pattern in patterns for each in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - pytest allows patterns that Path.glob refuses
    return found or [config.rootpath.resolve()]
