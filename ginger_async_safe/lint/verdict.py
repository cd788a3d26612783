"""What findings mean, once comments, settings and the baseline are obeyed: for the reader, and for the exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ginger_async_safe import _settings
from ginger_async_safe._baseline import BY_CHECK, Entry
from ginger_async_safe._hatch import allowed_by_hatch
from ginger_async_safe._patterns import Patterns
from ginger_async_safe._qualnames import named
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.lint.leaving_out import leave_out
from ginger_async_safe.policy import ESCAPE_HATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ginger_async_safe._baseline import Baseline
    from ginger_async_safe.lint.findings import Finding, Report
    from ginger_async_safe.lint.leaving_out import Problem
    from ginger_async_safe.lint.rule_names import Names

__all__ = ["Asked", "Verdict", "entry_of", "judge"]

CLEAN, FOUND, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class Asked:
    """What a check is asked for, beside what it reads.

    Attributes:
        select: The rules to report; all, where it names none.
        ignore: The rules not to report.
        baseline: Findings that are known, and pass; or ``None``.
        updates: Whether the baseline is to be written anew.
        partial: Why the check could not have found all, or nothing.
    """

    select: Names
    ignore: Names
    baseline: Baseline | None = None
    updates: bool = False
    partial: str = ""


@dataclass
class Verdict:
    """What follows from a check.

    Attributes:
        report: What was found, as the check returned it.
        findings: What is to be mended.
        level: ``"error"``, or ``"warning"`` where the policy lets such calls run: then they fail nothing.
        problems: Comments that have to be mended, or to leave.
        commented: How many findings comments leave out.
        known: How many findings the baseline lists.
        left_out: How many findings settings leave out, by what does so.
        baseline: The baseline, or ``None``.
        mended: Entries of the check in the baseline that it finds no longer: they have to leave.
        unseen: How many entries it cannot judge.
        added: Entries that come into the baseline.
        removed: Entries that leave it.
        partial: Why the check could not have found all, or nothing.
    """

    report: Report
    findings: list[Finding] = field(default_factory=list)
    level: Literal["error", "warning"] = "error"
    problems: list[Problem] = field(default_factory=list)
    commented: int = 0
    known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    baseline: Baseline | None = None
    mended: list[Entry] = field(default_factory=list)
    unseen: int = 0
    added: list[Entry] = field(default_factory=list)
    removed: list[Entry] = field(default_factory=list)
    partial: str = ""

    @property
    def exit_code(self) -> int:
        """What the command ends with: 2 where something could not be read, else 1 where something is to be mended."""
        if self.report.unread:
            return UNREADABLE
        return FOUND if self.problems or self.mended or (self.findings and self.level == "error") else CLEAN


def entry_of(finding: Finding) -> Entry:
    """Return what a baseline calls a finding: as at run time, by the call and the function that makes it."""
    return Entry(finding.call, named(finding.chain[-1].function))


def judge(report: Report, asked: Asked) -> Verdict:
    """Judge what was found, and update the baseline where that is asked for.

    Raises:
        ConfigurationError: Where a setting cannot be used, or the baseline cannot be written.
    """
    findings, problems = leave_out(report, judges_unused=not (asked.partial or report.unread))
    verdict = Verdict(
        report,
        problems=problems,
        commented=len(report.findings) - len(findings),
        baseline=asked.baseline,
        partial=asked.partial,
    )
    allow = _settings.current("allow").value
    # What the hatch or the policy lets pass today is no mended code: its entries stay.
    seen = {entry_of(finding) for finding in findings if not allow.match(finding.call)}
    findings = list(_meant(findings, verdict))
    chosen = [each for each in findings if _is_chosen(each, asked)]
    verdict.findings = chosen
    baseline = asked.baseline
    if baseline is not None:
        _compare(baseline, seen, verdict)
        if asked.updates:
            verdict.added = sorted({entry_of(finding) for finding in chosen} - baseline.entries)
            verdict.removed, verdict.mended = verdict.mended, []
            baseline.write({*baseline.entries, *verdict.added} - {*verdict.removed}, beside=BY_CHECK)
        verdict.findings = [finding for finding in chosen if entry_of(finding) not in baseline]
        verdict.known = len(chosen) - len(verdict.findings)
    return verdict


def _meant(findings: Iterable[Finding], verdict: Verdict) -> Iterator[Finding]:
    """Yield what the settings of the guard at run time do not let pass; set the level to what they make of it."""
    hatch, allow, policy = allowed_by_hatch(), _settings.current("allow"), _settings.current("policy")
    if policy.value in {"warn", "log"}:
        verdict.level = "warning"
    choice = choice_of_file()
    callers = {rule.id: rule.callers for rule in selected(choice) if rule.callers}
    for finding in findings:
        packages = callers.get(finding.id, ())
        if packages and not _is_made_in(finding, packages):
            verdict.left_out[f"only-from from {choice.source}"] += 1
        elif hatch is not None and hatch.match(finding.call):
            verdict.left_out[ESCAPE_HATCH] += 1
        elif allow.value.match(finding.call):
            verdict.left_out[f"allow from {allow.source}"] += 1
        elif policy.value == "ignore":
            verdict.left_out[f"policy from {policy.source}"] += 1
        else:
            yield finding


def _is_made_in(finding: Finding, packages: tuple[str, ...]) -> bool:
    return Patterns([*packages, *(f"{each}.*" for each in packages)]).match(named(finding.chain[-1].function))


def _is_chosen(finding: Finding, asked: Asked) -> bool:
    return (not asked.select or asked.select.match(finding)) and not asked.ignore.match(finding)


def _compare(baseline: Baseline, seen: set[Entry], verdict: Verdict) -> None:
    unseen = sorted(baseline.of_check - seen)
    if verdict.partial or verdict.report.unread:
        verdict.unseen = len(unseen)
    else:
        verdict.mended = unseen
