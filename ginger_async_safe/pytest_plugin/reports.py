"""The text that reports several violations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ginger_async_safe.violation import Violation

__all__ = ["headline", "in_full"]

_SHOWN_IN_FULL = 5


def headline(violations: Sequence[Violation]) -> str:
    """Return the first violation in a few words, and the number of others: pytest's short summary shows this line only."""
    first = violations[0]
    more = f", and {len(violations) - 1} more" if len(violations) > 1 else ""
    return f"{first.call} at {first.called_at or 'the event loop itself'}{more}"


def in_full(violations: Iterable[tuple[Violation, int]]) -> Iterator[str]:
    """Yield a full report for each of the first few violations, and one line for each of the others.

    Args:
        violations: The violations, each with its count.
    """
    for index, (violation, count) in enumerate(violations):
        text = str(violation) if index < _SHOWN_IN_FULL else violation.summary()
        yield text if count == 1 else f"{text}\n  count     {count}"
