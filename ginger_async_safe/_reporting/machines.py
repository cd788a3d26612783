"""What a run has found, for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ginger_async_safe._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe._reporting.ledger import Ledger, Site

__all__ = ["as_plain"]


def as_plain(mode: str, ledger: Ledger, more_of: Callable[[Site], dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return it as plain values, ready for JSON.

    Args:
        mode: What a violation did in the run.
        ledger: What was found.
        more_of: Returns more to say of a place.
    """
    return {
        "version": __version__,
        "mode": mode,
        "violations": [
            {
                "call": site.entry.call,
                "place": site.entry.place,
                "count": site.count,
                **(more_of(site) if more_of is not None else {}),
                "record": site.violation,
            }
            for site in ledger.sites
        ],
        "grants": [
            {"where": where, "calls": calls, "reason": reason, "used": count}
            for (where, calls, reason), count in sorted(ledger.grants.items())
        ],
        "let_through": [
            {"call": call, "by": by, "count": count} for (call, by), count in sorted(ledger.allowed.items())
        ],
    }
