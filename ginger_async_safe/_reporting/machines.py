"""The report of a run as plain values, for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ginger_async_safe._version import __version__
from ginger_async_safe.violation import with_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe._reporting.ledger import Ledger, Site

__all__ = ["as_plain"]


def as_plain(mode: str, ledger: Ledger, more_of: Callable[[Site], dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the report as plain values, ready for JSON.

    Args:
        mode: What a violation did in the run.
        ledger: The violations of the run.
        more_of: Returns additional keys for a place.
    """
    return {
        "version": __version__,
        "mode": mode,
        "violations": [_plain(site, more_of(site) if more_of is not None else {}) for site in ledger.sites],
        "noted": [_plain(site, {}) for site in ledger.noted],
        "grants": [
            {"where": where, "calls": calls, "reason": reason, "used": count}
            for (where, calls, reason), count in sorted(ledger.grants.items())
        ],
        "allowed": [{"call": call, "by": by, "count": count} for (call, by), count in sorted(ledger.allowed.items())],
    }


def _plain(site: Site, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "call": site.entry.call,
        "place": site.entry.place,
        "count": site.count,
        "owner": site.record.owner,
        "package": with_version(site.record.package),
        **more,
        "record": site.violation,
    }
