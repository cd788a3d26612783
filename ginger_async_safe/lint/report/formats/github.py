"""The result of a check for GitHub's runners: a workflow command for each line to annotate.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.lint.report.places import MORE, at, line_of
from ginger_async_safe.lint.source.files import STUB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_commands"]

_TITLE = "Blocks the event loop"


def as_commands(verdict: Verdict) -> str:
    """Return a line for each finding, and for everything else that has to be fixed."""
    return "".join(f"{line}\n" for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    for finding in verdict.findings:
        first, *below = finding.chain
        chain = [f"  → {line_of(step)}" for step in below] + ([f"  ({MORE})"] if finding.has_more else [])
        reason = f": {finding.reason}" if finding.reason else ""
        text = "\n".join([f"{finding.call}{reason}", *chain, f"fix: {finding.fix}"])
        yield _command(
            verdict.level.value,
            first.path,
            first.line,
            f"{_TITLE}: {finding.call}",
            text,
            column=first.column,
            cell=first.cell,
        )
    for unread in verdict.report.unread:
        yield _command("error", unread.path, unread.line, "Could not be read", unread.why, cell=unread.cell)
    for left in verdict.report.left_out:
        if left.why != STUB:
            yield _command("notice", left.path, 0, "Left out", left.why)
    for problem in verdict.problems:
        title = "Invalid or unused suppression"
        yield _command("error", problem.path, problem.line, title, problem.text, cell=problem.cell)
    if verdict.baseline is not None:
        for entry in verdict.fixed:
            text = f"{entry} is no longer found: delete it from the baseline, or run with --update-baseline"
            yield _command("error", verdict.baseline.path, 0, "Baseline entry no longer found", text)


def _command(  # noqa: PLR0913 - each is a part of the command
    level: str, path: Path, line: int, title: str, text: str, *, column: int = 0, cell: int = 0
) -> str:
    if cell:  # the lines of the file are those of its JSON
        text = f"{at(path, line, column, cell)}: {text}"
        line = column = 0
    values = {"file": shown_path(path), "line": line, "col": column, "title": title}
    properties = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in values.items() if value)
    return f"::{level} {properties}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
