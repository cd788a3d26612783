"""The result of a check as text: a block for each blocking call, with its call chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.ledger import number
from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.lint.report.places import line_of
from ginger_async_safe.lint.report.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ginger_async_safe._reporting.baseline import BaselineEntry
    from ginger_async_safe.lint.domain.findings import Finding, Statistics, Step
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_text"]

_BOLD, _DIM, _RED, _YELLOW, _PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[0m"


def as_text(verdict: Verdict, *, colour: bool = False, statistics: bool = False) -> str:
    """Return the text.

    Args:
        verdict: What follows from the check.
        colour: Whether to colour it for a terminal.
        statistics: Whether to add what was read and resolved.
    """
    lines = list(_lines(verdict))
    lines += _lines_of_statistics(verdict.report.statistics) if statistics else []
    return "".join(f"{_painted(style, text) if colour else text}\n" for style, text in lines)


def _painted(style: str, text: str) -> str:
    return f"{style}{text}{_PLAIN}" if style and text else text


def _lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    heading = _RED if verdict.level is Level.ERROR else _YELLOW
    by_call: dict[str, list[Finding]] = {}
    for finding in verdict.findings:
        by_call.setdefault(finding.call, []).append(finding)
    for call, findings in sorted(by_call.items(), key=lambda item: (-len(item[1]), item[0])):
        yield from _block(call, findings, _BOLD + heading)
        yield "", ""
    for title, lines in (
        ("could not be read", [f"{_at(each.path, each.line)}: {each.why}" for each in verdict.report.unread]),
        ("invalid or unused suppressions", [f"{_at(each.path, each.line)}: {each.text}" for each in verdict.problems]),
        *_of_baseline(verdict),
    ):
        if lines:
            yield _BOLD, title
            yield from (("", f"  {line}") for line in lines)
            yield "", ""
    yield _BOLD, _summary(verdict)
    for source, count in sorted(verdict.suppressed.items()):
        yield "", f"{number(count, 'finding')} suppressed by {source}"
    if verdict.level is Level.WARNING and verdict.findings:
        yield "", "the policy allows such calls: these are warnings, and do not fail the check"
    if verdict.unseen:
        why = verdict.partial or "not all could be read"
        yield "", f"{number(verdict.unseen, 'entry', 'entries')} of the baseline not found, and kept: {why}"


def _block(call: str, findings: Sequence[Finding], style: str) -> Iterator[tuple[str, str]]:
    reasons = ", ".join(dict.fromkeys(each.reason for each in findings if each.reason))
    reached = number(len(findings), "async place")
    yield style, f"{call}, reached from {reached}{f': {reasons}' if reasons else ''}"
    fixes = list(dict.fromkeys(finding.fix for finding in findings))
    if len(fixes) == 1:
        yield "", f"  fix       {fixes[0]}"
    shown: set[tuple[Step, ...]] = set()
    chains: dict[tuple[str, tuple[Step, ...]], list[Step]] = {}
    for finding in findings:
        chains.setdefault((finding.fix, finding.chain[1:]), []).append(finding.chain[0])
    for (fix, below), places in chains.items():
        yield "", ""
        yield from (("", f"  {line_of(step)}") for step in places)
        yield from _chain(below, shown)
        if len(fixes) > 1:
            yield "", f"      fix   {fix}"


def _chain(below: tuple[Step, ...], shown: set[tuple[Step, ...]]) -> Iterator[tuple[str, str]]:
    """Yield the steps below an async function, down to the first that was printed for another place of the same call."""
    for index, step in enumerate(below):
        rest = below[index:]
        if rest in shown and len(rest) > 1:
            yield _DIM, f"      → {line_of(step)}, then as above"
            return
        shown.add(rest)
        yield _DIM, f"      → {line_of(step)}"


def _at(path: Path, line: int) -> str:
    return f"{shown_path(path)}:{line}" if line else shown_path(path)


def _of_baseline(verdict: Verdict) -> Iterator[tuple[str, list[str]]]:
    if verdict.baseline is None:
        return
    path = shown_path(verdict.baseline.path)

    def lines(entries: Sequence[BaselineEntry]) -> list[str]:
        return list(map(str, entries))

    yield f"in {path} but no longer found: delete them (or run with --update-baseline)", lines(verdict.fixed)
    yield f"added to {path}", lines(verdict.added)
    yield f"no longer found, and deleted from {path}", lines(verdict.removed)


def _summary(verdict: Verdict) -> str:
    count = len(verdict.findings)
    calls = number(len({finding.call for finding in verdict.findings}), "call")
    found = f"{number(count, 'finding')}, of {calls}" if count else "no findings"
    beside = [
        f"{verdict.known} in the baseline" if verdict.known else "",
        f"{verdict.commented} suppressed by comments" if verdict.commented else "",
        f"{number(len(verdict.problems), 'invalid or unused suppression')}" if verdict.problems else "",
        f"{number(len(verdict.fixed), 'entry', 'entries')} of the baseline to delete" if verdict.fixed else "",
        f"{number(len(verdict.report.unread), 'place')} not read" if verdict.report.unread else "",
    ]
    return "; ".join([f"{found} in {number(verdict.report.statistics.files, 'file')}", *filter(None, beside)])


def _lines_of_statistics(statistics: Statistics) -> list[tuple[str, str]]:
    resolved = statistics.calls - statistics.unresolved
    share = f" ({100 * resolved // statistics.calls} %)" if statistics.calls else ""
    rows: tuple[tuple[str, str], ...] = (
        ("files", f"{statistics.files}"),
        ("lines", f"{statistics.lines}"),
        ("async functions", f"{statistics.async_functions}"),
        ("calls they reach", f"{statistics.calls}"),
        ("of these resolved", f"{resolved}{share}; the other {statistics.unresolved} are not reported"),
    )
    rows += (("packages read", f"{statistics.packages_read}"),) if statistics.packages_read else ()
    rows += (("read in part", ", ".join(statistics.packages_cut)),) if statistics.packages_cut else ()
    return [("", ""), *(("", f"{name:19} {value}") for name, value in rows)]
