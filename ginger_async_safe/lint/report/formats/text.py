"""The result of a check as text: a line for each finding, with its call chain below it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.ledger import number
from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.lint.report.formats.concise import head_of
from ginger_async_safe.lint.report.places import MORE, at, line_of
from ginger_async_safe.lint.report.verdict import Level
from ginger_async_safe.lint.source.files import STUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ginger_async_safe._reporting.baseline import BaselineEntry
    from ginger_async_safe.lint.domain.findings import Finding, Report, Statistics, Step
    from ginger_async_safe.lint.report.verdict import Verdict
    from ginger_async_safe.lint.source.files import LeftOut

__all__ = ["as_text"]

_SHOWN = 3
_BOLD, _DIM, _RED, _YELLOW, _PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[0m"


def as_text(verdict: Verdict, *, colour: bool = False, statistics: bool = False) -> str:
    """Return the text.

    Args:
        verdict: What follows from the check.
        colour: Whether to colour it for a terminal.
        statistics: Whether to add what was read and resolved.
    """
    lines = list(_lines(verdict))
    if statistics:
        lines += _lines_of_calls(verdict)
        lines += _lines_of_statistics(verdict.report.statistics)
        lines += _lines_of_cuts(verdict.report)
    return "".join(f"{_painted(style, text) if colour else text}\n" for style, text in lines)


def _painted(style: str, text: str) -> str:
    return f"{style}{text}{_PLAIN}" if style and text else text


def _lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    heading = _RED if verdict.level is Level.ERROR else _YELLOW
    shown: set[tuple[str, tuple[Step, ...]]] = set()
    for finding in verdict.findings:
        yield _BOLD + heading, head_of(finding)
        yield from ((_DIM, line) for line in _chain(finding, shown))
        if finding.has_more:
            yield _DIM, f"    ({MORE})"
    if verdict.findings:
        yield "", ""
    for title, lines in (
        (
            "could not be read",
            [f"{at(each.path, each.line, cell=each.cell)}: {each.why}" for each in verdict.report.unread],
        ),
        ("left out", list(_left_out(verdict.report.left_out))),
        (
            "invalid or unused suppressions",
            [f"{at(each.path, each.line, cell=each.cell)}: {each.text}" for each in verdict.problems],
        ),
        *_of_baseline(verdict),
    ):
        if lines:
            yield _BOLD, title
            yield from (("", f"  {line}") for line in lines)
            yield "", ""
    yield _BOLD, _summary(verdict)
    cut = len({(each.path, each.line) for each in verdict.report.cuts})
    if cut:
        yield (
            "",
            f"{number(cut, 'function')} not followed to the end, so that more may be found; --statistics lists them",
        )
    for source, count in sorted(verdict.suppressed.items()):
        yield "", f"{number(count, 'finding')} suppressed by {source}"
    if verdict.level is Level.WARNING and verdict.findings:
        yield "", "the policy allows such calls: these are warnings, and do not fail the check"
    if verdict.unseen:
        why = verdict.partial or "not all could be read"
        yield "", f"{number(verdict.unseen, 'entry', 'entries')} of the baseline not found, and kept: {why}"


def _chain(finding: Finding, shown: set[tuple[str, tuple[Step, ...]]]) -> Iterator[str]:
    """Yield the steps below an async function and the blocking call, down to the first that was printed for another one."""
    below = finding.chain[1:]
    for index, step in enumerate(below):
        rest = (finding.call, below[index:])
        if rest in shown:
            yield f"    → {line_of(step)}, then as above"
            return
        shown.add(rest)
        yield f"    → {line_of(step)}"
    if (finding.call, ()) not in shown or below:
        shown.add((finding.call, ()))
        yield f"    → {finding.call}{f': {finding.reason}' if finding.reason else ''}"


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield a line for each; of stubs and of the context, which may have many, most are only counted."""
    yield from (f"{shown_path(each.path)}: {each.why}" for each in left_out if each.why != STUB and not each.is_context)
    context = [each for each in left_out if each.is_context]
    yield from (f"{shown_path(each.path)}: not read as context: {each.why}" for each in context[:_SHOWN])
    if len(context) > _SHOWN:
        yield f"{number(len(context) - _SHOWN, 'more file')} not read as context"
    stubs = sum(each.why == STUB for each in left_out)
    if stubs:
        yield f"{number(stubs, 'stub')} (.pyi), which {'has' if stubs == 1 else 'have'} nothing to run"


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
    statistics = verdict.report.statistics
    context = f" ({number(statistics.context, 'file')} read as context)" if statistics.context else ""
    if not statistics.files and verdict.report.unread:
        return "; ".join(["nothing was checked", *filter(None, beside)])
    return "; ".join([f"{found} in {number(statistics.files, 'file')}{context}", *filter(None, beside)])


def _lines_of_calls(verdict: Verdict) -> list[tuple[str, str]]:
    """Return how many findings each blocking call has: a hundred of them often have one cause."""
    counts = Counter(finding.call for finding in verdict.findings)
    return [("", ""), *(("", f"{count:>7}  {call}") for call, count in counts.most_common())] if counts else []


def _lines_of_cuts(report: Report) -> list[tuple[str, str]]:
    lines = [f"  {at(each.path, each.line, cell=each.cell)} in {each.function}: {each.why}" for each in report.cuts]
    return [("", ""), (_BOLD, "not followed to the end"), *(("", line) for line in lines)] if lines else []


def _lines_of_statistics(statistics: Statistics) -> list[tuple[str, str]]:
    resolved = statistics.calls - statistics.unresolved
    share = f" ({100 * resolved // statistics.calls} %)" if statistics.calls else ""
    rows = [
        ("files", f"{statistics.files}"),
        ("lines", f"{statistics.lines}"),
        ("async functions", f"{statistics.async_functions}"),
        ("calls they reach", f"{statistics.calls}"),
        ("of these resolved", f"{resolved}{share}; the other {statistics.unresolved} are not reported"),
    ]
    if statistics.skipped_classes:
        rows.append(
            (
                "classes left out",
                f"{statistics.skipped_classes} that implement an abstract class or protocol, of too many",
            )
        )
    if statistics.packages_read:
        rows.append(("packages read", f"{statistics.packages_read}"))
    if statistics.packages_cut:
        rows.append(("read in part", ", ".join(statistics.packages_cut)))
    return [("", ""), *(("", f"{name:19} {value}") for name, value in rows)]
