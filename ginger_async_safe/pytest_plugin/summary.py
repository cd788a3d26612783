"""The report at the end of a run: on the terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.ledger import number
from ginger_async_safe._reporting.machines import as_plain
from ginger_async_safe._reporting.writing import in_json, shown_path, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pytest

    from ginger_async_safe._reporting.baseline import BaselineEntry
    from ginger_async_safe._reporting.ledger import Ledger, Site
    from ginger_async_safe.pytest_plugin.options import Options
    from ginger_async_safe.pytest_plugin.verdict import TestVerdict

__all__ = ["print_summary", "write_json"]


def print_summary(terminal: pytest.TerminalReporter, options: Options, ledger: Ledger, verdict: TestVerdict) -> None:
    """Print the violations by call site, the grants that tests used, and how the run compares with the baseline."""
    terminal.write_sep("=", "async safety")
    for line in _lines(options, ledger, verdict):
        terminal.write_line(line)


def _lines(options: Options, ledger: Ledger, verdict: TestVerdict) -> Iterator[str]:
    sites = ledger.sites
    if sites:
        yield from _table(("calls", "guarded call", "at", "first seen in"), map(_row, sites))
    known = sum(site.is_known for site in sites)
    yield f"{ledger.total()}{f', {known} of the places in the baseline' if known else ''}"
    if verdict.stray:
        yield f"{number(len(verdict.stray), 'place')} for which no test failed: the run fails"
    if ledger.noted:
        yield ""
        rows_of_packages = ((str(site.count), site.violation["call"], site.place, site.owner) for site in ledger.noted)
        yield from _table(("calls", "noted, not stopped", "at", "owner"), rows_of_packages)
    if ledger.grants:
        yield ""
        rows = (
            (_uses(count), calls, where, reason or "no reason given")
            for (where, calls, reason), count in sorted(ledger.grants.items())
        )
        yield from _table(("grant used", "calls", "where", "reason"), rows)
    if ledger.allowed:
        yield ""
        rows_of_settings = ((str(count), call, by) for (call, by), count in sorted(ledger.allowed.items()))
        yield from _table(("calls", "guarded call", "allowed by"), rows_of_settings)
    if verdict.baseline is not None:
        yield ""
        yield from _lines_of_baseline(options, verdict, shown_path(verdict.baseline.path))
    yield from verdict.errors


def _lines_of_baseline(options: Options, verdict: TestVerdict, path: str) -> Iterator[str]:
    if options.updates and not verdict.errors:
        yield f"{path} now has {number(len(verdict.kept), 'entry', 'entries')}"
        yield from _entries("added by this run", verdict.added)
        yield from _entries("removed, since they no longer occur", verdict.removed)
    if verdict.fixed and not verdict.removed:
        fix = "remove them with --async-safe-update-baseline"
        if verdict.skipped:
            fix = f"unless the {number(verdict.skipped, 'skipped test')} may cause them, delete their lines"
        yield from _entries(
            f"in {path}, but no longer occurring ({'the run fails; ' if verdict.is_strict else ''}{fix})", verdict.fixed
        )
    if verdict.unseen and verdict.partial:
        entries = number(len(verdict.unseen), "entry", "entries")
        yield f"{entries} of {path} not seen in this partial run: {verdict.partial}"


def _entries(title: str, entries: Sequence[BaselineEntry]) -> Iterator[str]:
    if entries:
        yield f"{title}:"
        yield from (f"  {entry}" for entry in entries)


def _row(site: Site) -> tuple[str, ...]:
    more = " (in the baseline)" if site.is_known else f" ({site.owner}: not stopped)" if site.is_only_reported else ""
    return str(site.count), site.violation["call"], site.place, f"{site.first or 'no test'}{more}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *rest in table:
        texts = (f"{text:{width}}" for text, width in zip(rest, widths[1:], strict=True))
        yield "  ".join([f"{first:>{widths[0]}}", *texts]).rstrip()


def _uses(count: int) -> str:
    return number(count, "time") if count else "UNUSED"


def write_json(path: Path, options: Options, ledger: Ledger, verdict: TestVerdict) -> None:
    """Write the report as JSON.

    Raises:
        ConfigurationError: If the file cannot be written.
    """
    report = {
        **as_plain(
            options.mode,
            ledger,
            lambda site: {
                "first_test": site.first,
                "in_baseline": site.is_known,
                "without_failed_test": site in verdict.stray,
            },
        ),
        "baseline": None
        if verdict.baseline is None
        else {
            "file": str(verdict.baseline.path),
            "added": list(map(str, verdict.added)),
            "fixed": list(map(str, verdict.fixed)),
            "unseen": list(map(str, verdict.unseen)),
            "partial_run": verdict.partial if verdict.unseen else "",
        },
        "fails": verdict.fails,
        "errors": verdict.errors,
    }
    write(in_json(report), path, "--async-safe-json")
