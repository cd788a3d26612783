"""Opening and closing what the running test requests by its markers and fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety

__all__ = ["MARKER", "begin", "end", "prepare", "uses_plugin"]

MARKER = "allow_async_unsafe"
_FIXTURES = frozenset({"async_safety", "async_unsafe_allowed"})
_OPEN = pytest.StashKey["list[AsyncSafety]"]()
_SAFETY = pytest.StashKey["AsyncSafety"]()


def prepare(config: pytest.Config) -> None:
    """Create the list of what is open, in pytest's configuration."""
    config.stash[_OPEN] = []


def uses_plugin(item: pytest.Item) -> bool:
    """Return whether a test has the marker, or one of the fixtures that last for the whole test."""
    return item.get_closest_marker(MARKER) is not None or not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def begin(item: pytest.Item) -> AsyncSafety:
    """Begin recording a test's violations, and open the grants of its markers, unless that has been done.

    Raises:
        pytest.fail.Exception: If the arguments of a marker are invalid.
    """
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety  # noqa: PLC0415 - an inert plugin imports little

    open_ones = item.config.stash[_OPEN]
    if not open_ones:
        item.stash[_SAFETY] = AsyncSafety(item, MARKER)
        open_ones.append(item.stash[_SAFETY])
    return item.stash[_SAFETY]


def end(config: pytest.Config) -> None:
    """End the recording and the grants that are open."""
    open_ones = config.stash.get(_OPEN, [])
    while open_ones:
        open_ones.pop().end()
