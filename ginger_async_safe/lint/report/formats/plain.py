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
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_json"]

_VERSION = 1


def as_json(verdict: Verdict) -> str:
    """Return the object, as text."""
    baseline = verdict.baseline
    return in_json(
        {
            "version": _VERSION,
            "tool": f"ginger_async_safe {__version__}",
            "exit_code": verdict.exit_code,
            "findings": [{**_finding(each), "level": verdict.level.value} for each in verdict.findings],
            "unread": [_placed(asdict(each)) for each in verdict.report.unread],
            "left_out": [_placed(each._asdict()) for each in verdict.report.left_out],
            "suppression_problems": [_placed(asdict(each)) for each in verdict.problems],
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
            "notes": list(verdict.report.notes),
            "cuts": [_placed(asdict(each)) for each in verdict.report.cuts],
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
        "has_more": finding.has_more,
        "chain": [_placed(vars(step)) for step in finding.chain],
    }


def _placed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with the path as text, and without the cell of a notebook where they are in none."""
    return {**{key: value for key, value in values.items() if key != "cell" or value}, "path": file_of(values["path"])}
