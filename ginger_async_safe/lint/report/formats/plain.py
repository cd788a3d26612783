"""The result of a check as one JSON object, whose version changes when its keys change meaning."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ginger_async_safe._reporting.writing import in_json, shown_path
from ginger_async_safe._version import __version__
from ginger_async_safe.lint.report.places import file_of
from ginger_async_safe.lint.report.rule_names import category_of, code_of
from ginger_async_safe.lint.report.verdict import entry_of

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.findings import Finding, Step
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_json"]

VERSION = 1


def as_json(verdict: Verdict) -> str:
    """Return the object, as text."""
    baseline = verdict.baseline
    return in_json(
        {
            "version": VERSION,
            "tool": f"ginger_async_safe {__version__}",
            "exit_code": verdict.exit_code,
            "findings": [{**_finding(each), "level": verdict.level.value} for each in verdict.findings],
            "unread": [{**asdict(each), "path": file_of(each.path)} for each in verdict.report.unread],
            "suppression_problems": [{**asdict(each), "path": file_of(each.path)} for each in verdict.problems],
            "suppressed": {
                "by_comments": verdict.commented,
                "by_baseline": verdict.known,
                "by_settings": dict(sorted(verdict.suppressed.items())),
            },
            "baseline": None
            if baseline is None
            else {
                "file": shown_path(baseline.path),
                "fixed": list(map(str, verdict.fixed)),
                "added": list(map(str, verdict.added)),
                "removed": list(map(str, verdict.removed)),
                "unseen": verdict.unseen,
            },
            "partial": verdict.partial,
            "cuts": [{**asdict(each), "path": file_of(each.path)} for each in verdict.report.cuts],
            "statistics": asdict(verdict.report.statistics),
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.id,
        "code": code_of(finding.id),
        "category": category_of(finding.id),
        "call": finding.call,
        "reason": finding.reason,
        "fix": finding.fix,
        "entry": str(entry_of(finding)),
        "chain": list(map(_step, finding.chain)),
        "has_more": finding.has_more,
    }


def _step(step: Step) -> dict[str, Any]:
    return {**vars(step), "path": file_of(step.path)}
