"""What a watched run tells in the end: on the terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.ledger import number
from ginger_async_safe._reporting.machines import as_plain
from ginger_async_safe._reporting.writing import in_json, shown_path, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pytest

    from ginger_async_safe._baseline import Entry
    from ginger_async_safe._reporting.ledger import Ledger, Site
    from ginger_async_safe.pytest_plugin.options import Options
    from ginger_async_safe.pytest_plugin.verdict import Verdict

__all__ = ["print_summary", "write_json"]


def print_summary(terminal: pytest.TerminalReporter, options: Options, ledger: Ledger, verdict: Verdict) -> None:
    """Print the violations by call site, the grants in force, and what became of the baseline."""
    terminal.write_sep("=", "async safety")
    for line in _lines(options, ledger, verdict):
        terminal.write_line(line)


def _lines(options: Options, ledger: Ledger, verdict: Verdict) -> Iterator[str]:
    sites = ledger.sites
    if sites:
        yield from _table(("calls", "guarded call", "made at", "first made by"), map(_row, sites))
    known = sum(site.is_known for site in sites)
    yield f"{ledger.total()}{f', {known} of the places in the baseline' if known else ''}"
    if verdict.stray:
        yield f"{number(len(verdict.stray), 'place')} that no test has failed of: the run fails of that"
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
        yield from _table(("calls", "guarded call", "let through by"), rows_of_settings)
    if verdict.baseline is not None:
        yield ""
        yield from _lines_of_baseline(options, verdict, shown_path(verdict.baseline.path))
    yield from verdict.trouble


def _lines_of_baseline(options: Options, verdict: Verdict, path: str) -> Iterator[str]:
    skipped = f"; {number(verdict.skipped, 'test')} skipped, which may make them" if verdict.skipped else ""
    if options.updates and not verdict.trouble:
        yield f"{path} has {number(len(verdict.kept), 'entry', 'entries')} now"
        yield from _entries("grandfathered by this run", verdict.added)
        yield from _entries("no longer made, so gone", verdict.removed)
    if verdict.mended and not verdict.removed:
        fate = "the run fails of that" if verdict.is_strict else "they must leave"
        remedy = "delete what no test makes" if verdict.skipped else "run with --async-safe-update-baseline"
        yield from _entries(f"in {path} and no longer made{skipped} ({fate}: {remedy})", verdict.mended)
    if verdict.unseen and verdict.partial:
        yield f"{number(len(verdict.unseen), 'entry', 'entries')} of {path} not seen, and not judged: {verdict.partial}"


def _entries(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    if entries:
        yield f"{title}:"
        yield from (f"  {entry}" for entry in entries)


def _row(site: Site) -> tuple[str, ...]:
    known = " (in the baseline)" if site.is_known else ""
    return str(site.count), site.violation["call"], site.place, f"{site.first or 'no test'}{known}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *rest in table:
        texts = (f"{text:{width}}" for text, width in zip(rest, widths[1:], strict=True))
        yield "  ".join([f"{first:>{widths[0]}}", *texts]).rstrip()


def _uses(count: int) -> str:
    return number(count, "time") if count else "UNUSED"


def write_json(path: Path, options: Options, ledger: Ledger, verdict: Verdict) -> None:
    """Write the same for machines.

    Raises:
        ConfigurationError: Where the file cannot be written.
    """
    found = {
        **as_plain(
            options.mode,
            ledger,
            lambda site: {
                "first_test": site.first,
                "in_baseline": site.is_known,
                "failed_no_test": site in verdict.stray,
            },
        ),
        "baseline": None
        if verdict.baseline is None
        else {
            "file": str(verdict.baseline.path),
            "added": list(map(str, verdict.added)),
            "mended": list(map(str, verdict.mended)),
            "unseen": list(map(str, verdict.unseen)),
            "not_judged": verdict.partial if verdict.unseen else "",
        },
        "fails": verdict.fails,
        "trouble": verdict.trouble,
    }
    write(in_json(found), path, "--async-safe-json")
