"""The report of a run as one HTML file without external resources."""

from __future__ import annotations

import shlex
from html import escape
from typing import TYPE_CHECKING

from ginger_async_safe._version import __version__
from ginger_async_safe.violation import with_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ginger_async_safe._reporting.ledger import Ledger, Site

__all__ = ["as_page"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
code, pre, td { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
tr { border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: right; }
section { border-top: 1px solid #8888; margin-top: 1rem; }
section:target { outline: 2px solid; outline-offset: 0.5rem; }
"""


_HEAD = ("calls", "guarded call", "at", "owner")


def as_page(program: Sequence[str], mode: str, ledger: Ledger) -> str:
    """Return the page.

    Args:
        program: The command line of the program.
        mode: What a violation did in the run.
        ledger: The violations of the run.
    """
    return "\n".join(_lines(shlex.join(program), mode, ledger)) + "\n"


def _lines(program: str, mode: str, ledger: Ledger) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(ledger.total())}: {escape(program)}</title>"
    yield f"<style>{_STYLE}</style></head><body>"
    yield "<h1>Async safety</h1>"
    yield f"<p><code>{escape(program)}</code></p>"
    yield f"<p><strong>{escape(ledger.total())}</strong> (mode: {escape(mode)})</p>"
    sites = ledger.sites
    if sites:
        yield "<p>Guarded calls in an async context, the most frequent place first.</p>"
        yield from _table(_HEAD, (_row(number, site, "place") for number, site in enumerate(sites)))
    yield from _sections(sites, "place")
    noted = ledger.noted
    if noted:
        packages = ", ".join(sorted({with_version(site.record.package) for site in noted}))
        yield f"<details><summary>Noted: calls that installed packages make on their own ({escape(packages)})</summary>"
        yield "<p>No code of this project is on the stack of these calls, and they are never stopped.</p>"
        yield from _table(_HEAD, (_row(number, site, "noted") for number, site in enumerate(noted)))
        yield from _sections(noted, "noted")
        yield "</details>"
    if ledger.grants:
        yield "<h2>Grants</h2>"
        grants = sorted(ledger.grants.items())
        rows = (
            (str(count), *map(escape, (calls, where, reason or "no reason given")))
            for (where, calls, reason), count in grants
        )
        yield from _table(("calls", "allowed", "where", "reason"), rows)
    if ledger.allowed:
        yield "<h2>Allowed by settings</h2>"
        allowed = sorted(ledger.allowed.items())
        yield from _table(
            ("calls", "guarded call", "allowed by"),
            ((str(count), escape(call), escape(by)) for (call, by), count in allowed),
        )
    yield f"<p><small>ginger_async_safe {__version__}</small></p>"
    yield "</body></html>"


def _sections(sites: Iterable[Site], anchor: str) -> Iterator[str]:
    """Yield the full report of each place."""
    for number, site in enumerate(sites):
        yield f'<section id="{anchor}-{number}"><h2><code>{escape(site.entry.call)}</code></h2>'
        yield f"<p>{escape(site.record.message)}</p>"
        lines = (*site.record.lines(), f"  count     {site.count}")
        yield f"<pre>{escape(chr(10).join(lines))}</pre></section>"


def _row(number: int, site: Site, anchor: str) -> tuple[str, ...]:
    link = f'<a href="#{anchor}-{number}">{escape(site.entry.call)}</a>'
    return str(site.count), link, escape(site.place), escape(site.owner)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table; the cells of the rows are HTML."""
    yield f"<table><thead><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"
