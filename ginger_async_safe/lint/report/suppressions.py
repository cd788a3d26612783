"""Which findings the comments in the source suppress, and which of these comments are invalid or unused."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.report.rule_names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Finding, Report
    from ginger_async_safe.lint.source.suppression_comments import Comment

__all__ = ["Problem", "suppress"]


@dataclass(frozen=True, order=True)
class Problem:
    """A suppression comment that is invalid or unused.

    Attributes:
        path: The file.
        line: The line of the comment.
        text: What is wrong with it, and what to do.
        cell: The number of the cell of a notebook that the line is in, from 1; 0 in other files.
    """

    path: Path
    line: int
    text: str
    cell: int = 0


@dataclass
class _Part:
    """One rule name of a comment; a bare ``# noqa`` has one part for all rules."""

    comment: Comment
    path: Path
    text: str
    names: Names | None
    is_used: bool = False

    def matches(self, finding: Finding) -> bool:
        return self.names is None or self.names.match(finding)

    @property
    def form(self) -> str:
        return f"# async-safe: allow[{self.text}]" if self.comment.is_own else f"# noqa: {self.text}"


def suppress(
    report: Report, *, reports_unused: bool, left_out: Sequence[str] = ()
) -> tuple[list[Finding], list[Problem]]:
    """Return the findings that no comment suppresses, and the comments that are invalid or unused.

    Args:
        report: What was found.
        reports_unused: Whether a comment that suppresses nothing is a problem: the check read everything it may be for.
        left_out: The categories of rules that the check did not look for: comments that may be for these are no problem.
    """
    problems: list[Problem] = []
    parts = [
        part for path, comments in report.comments.items() for each in comments for part in _parts(path, each, problems)
    ]
    if report.named is not None:
        problems[:] = [each for each in problems if each.path in report.named]
    by_line: Mapping[tuple[Path, int, int], list[_Part]] = defaultdict(list)
    for part in parts:
        for line in range(part.comment.first, part.comment.last + 1):
            by_line[part.path, part.comment.cell, line].append(part)
    kept = []
    for finding in report.findings:
        used = [
            part
            for step in finding.chain
            for part in by_line.get((step.path, step.cell, step.line), ())
            if part.matches(finding)
        ]
        for part in used:
            part.is_used = True
        if not used:
            kept.append(finding)
    if reports_unused:
        problems += [
            Problem(part.path, part.comment.line, f"unused suppression: {part.form}; delete it", part.comment.cell)
            for part in parts
            if not part.is_used and part.names is not None and not any(map(part.names.may_be_of, left_out))
        ]
    return kept, sorted(set(problems))


def _parts(path: Path, comment: Comment, problems: list[Problem]) -> Iterator[_Part]:
    if comment.trouble:
        problems.append(Problem(path, comment.line, f"invalid suppression: {comment.trouble}", comment.cell))
        return
    if not comment.rules:
        yield _Part(comment, path, "", None)
    for text in comment.rules:
        names = _names(text)
        if isinstance(names, Names):
            yield _Part(comment, path, text, names)
        elif comment.is_own or text.startswith("GAS"):  # else it is a code of another tool
            problems.append(Problem(path, comment.line, f"invalid suppression: {names}", comment.cell))


def _names(text: str) -> Names | ConfigurationError:
    try:
        return Names([text])
    except ConfigurationError as error:
        return error
