"""The result of a check as one line a finding, which editors and problem matchers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.lint.report.places import at, label, place_of
from ginger_async_safe.lint.report.rule_names import code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_concise", "head_of", "others"]


def as_concise(verdict: Verdict) -> str:
    """Return a line for each finding, and for everything else that has to be fixed."""
    lines = [head_of(finding) for finding in verdict.findings]
    lines += [f"{place}: {text}" for place, text in others(verdict)]
    return "".join(f"{line}\n" for line in lines)


def head_of(finding: Finding) -> str:
    """Return the line of a finding: its place, code and rule, the async function and the fix."""
    first, *below = finding.chain
    through = f", through {label(below[0])}" if below else ""
    return (
        f"{place_of(first)}: {code_of(finding.id)} {finding.id} blocks the event loop in {label(first)}{through}; "
        f"fix: {finding.fix}"
    )


def others(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield the place and text of everything but findings that has to be fixed."""
    for unread in verdict.report.unread:
        yield at(unread.path, unread.line, cell=unread.cell), f"could not be read: {unread.why}"
    for problem in verdict.problems:
        yield at(problem.path, problem.line, cell=problem.cell), problem.text
    if verdict.baseline is not None:
        for entry in verdict.fixed:
            yield (
                shown_path(verdict.baseline.path),
                f"{entry} is no longer found: delete it (or run with --update-baseline)",
            )
