"""The verdict on a check: its findings after suppressions, settings and the baseline, and the exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe._reporting.baseline import BY_CHECK, BaselineEntry
from ginger_async_safe._reporting.qualified_names import named
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.lint.report.suppressions import suppress
from ginger_async_safe.lint.source.files import is_matched
from ginger_async_safe.policy import ESCAPE_HATCH, escape_hatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ginger_async_safe._reporting.baseline import Baseline
    from ginger_async_safe.lint.domain.findings import Finding, Report
    from ginger_async_safe.lint.report.rule_names import Names
    from ginger_async_safe.lint.report.suppressions import Problem

__all__ = ["CheckRequest", "Level", "Verdict", "entry_of", "verdict_of"]

CLEAN, FOUND, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class CheckRequest:
    """The options of a check, apart from what it reads.

    Attributes:
        select: The rules to report; all, where it names none.
        ignore: The rules not to report.
        baseline: The baseline of known findings, which do not fail the check; or ``None``.
        updates: Whether to rewrite the baseline.
        partial: Why the check did not cover the whole project; empty where it did.
        per_file: For globs of files, with the folder that they count from: the rules not to report there.
        exits_zero: Whether the exit code is 0 where something has to be fixed.
        left_out: The categories of rules that the check did not look for.
    """

    select: Names
    ignore: Names
    baseline: Baseline | None = None
    updates: bool = False
    partial: str = ""
    per_file: Sequence[tuple[Path, str, Names]] = ()
    exits_zero: bool = False
    left_out: Sequence[str] = ()


class Level(Enum):
    """Whether the findings of a check fail it. The values are in reports.

    Attributes:
        ERROR: They do.
        WARNING: They do not, since the policy allows such calls.
    """

    ERROR = "error"
    WARNING = "warning"


@dataclass
class Verdict:
    """The verdict on a check.

    Attributes:
        report: What was found, as the check returned it.
        findings: The findings to report.
        level: Whether the findings fail the check.
        problems: The suppression comments that are invalid or unused.
        commented: How many findings comments suppress.
        known: How many findings the baseline lists.
        suppressed: How many findings each setting suppresses.
        baseline: The baseline, or ``None``.
        fixed: The entries of the baseline, written by the check, that it no longer finds: to be deleted.
        unseen: How many entries were not found by a check that did not cover the whole project.
        added: The entries added to the baseline.
        removed: The entries deleted from it.
        partial: Why the check did not cover the whole project; empty where it did.
        exits_zero: Whether the exit code is 0 where something has to be fixed.
    """

    report: Report
    findings: list[Finding] = field(default_factory=list)
    level: Level = Level.ERROR
    problems: list[Problem] = field(default_factory=list)
    commented: int = 0
    known: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)
    baseline: Baseline | None = None
    fixed: list[BaselineEntry] = field(default_factory=list)
    unseen: int = 0
    added: list[BaselineEntry] = field(default_factory=list)
    removed: list[BaselineEntry] = field(default_factory=list)
    partial: str = ""
    exits_zero: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code: 2 where something could not be read, else 1 where something has to be fixed."""
        if self.report.unread:
            return UNREADABLE
        if self.exits_zero:
            return CLEAN
        return FOUND if self.problems or self.fixed or (self.findings and self.level is Level.ERROR) else CLEAN


def entry_of(finding: Finding) -> BaselineEntry:
    """Return the baseline entry of a finding: as at run time, the call and the function that makes it."""
    return BaselineEntry(finding.call, named(finding.chain[-1].function))


def verdict_of(report: Report, request: CheckRequest) -> Verdict:
    """Return the verdict on a report, and update the baseline where the request says so.

    Raises:
        ConfigurationError: Where a setting cannot be used, or the baseline cannot be written.
    """
    findings, problems = suppress(
        report, reports_unused=not (request.partial or report.unread), left_out=request.left_out
    )
    verdict = Verdict(
        report,
        problems=problems,
        commented=len(report.findings) - len(findings),
        baseline=request.baseline,
        partial=request.partial,
        exits_zero=request.exits_zero,
    )
    allow = settings.current("allow").value
    # A call that the escape hatch or the policy allows today is not fixed: its entry stays.
    seen = {entry_of(finding) for finding in findings if not allow.match(finding.call)}
    findings = list(_meant(findings, verdict))
    chosen = [each for each in findings if _is_chosen(each, request)]
    verdict.findings = chosen
    baseline = request.baseline
    if baseline is not None:
        _compare(baseline, seen, verdict)
        if request.updates:
            verdict.added = sorted({entry_of(finding) for finding in chosen} - baseline.entries)
            verdict.removed, verdict.fixed = verdict.fixed, []
            baseline.write({*baseline.entries, *verdict.added} - {*verdict.removed}, beside=BY_CHECK)
        verdict.findings = [finding for finding in chosen if entry_of(finding) not in baseline]
        verdict.known = len(chosen) - len(verdict.findings)
    return verdict


def _meant(findings: Iterable[Finding], verdict: Verdict) -> Iterator[Finding]:
    """Yield the findings that the settings of the guard at run time do not allow, and set the level that they imply."""
    hatch, allow, policy = escape_hatch.allowed_by_hatch(), settings.current("allow"), settings.current("policy")
    if policy.value in {"warn", "log"}:
        verdict.level = Level.WARNING
    choice = choice_of_file()
    callers = {rule.id: rule.callers for rule in selected(choice) if rule.callers}
    for finding in findings:
        packages = callers.get(finding.id, ())
        if packages and not _is_made_in(finding, packages):
            verdict.suppressed[f"only-from from {choice.source}"] += 1
        elif hatch is not None and hatch.match(finding.call):
            verdict.suppressed[ESCAPE_HATCH] += 1
        elif allow.value.match(finding.call):
            verdict.suppressed[f"allow from {allow.source}"] += 1
        elif policy.value == "ignore":
            verdict.suppressed[f"policy from {policy.source}"] += 1
        else:
            yield finding


def _is_made_in(finding: Finding, packages: tuple[str, ...]) -> bool:
    return Patterns([*packages, *(f"{each}.*" for each in packages)]).match(named(finding.chain[-1].function))


def _is_chosen(finding: Finding, request: CheckRequest) -> bool:
    if (request.select and not request.select.match(finding)) or request.ignore.match(finding):
        return False
    path = finding.chain[0].path
    return not any(
        names.match(finding) and is_matched(path, pattern.removeprefix("!"), root) is not pattern.startswith("!")
        for root, pattern, names in request.per_file
    )


def _compare(baseline: Baseline, seen: set[BaselineEntry], verdict: Verdict) -> None:
    unseen = sorted(baseline.of_check - seen)
    if verdict.partial or verdict.report.unread:
        verdict.unseen = len(unseen)
    else:
        verdict.fixed = unseen
