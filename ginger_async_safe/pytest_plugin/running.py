"""What the test that runs has asked for, by its markers and fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety

__all__ = ["MARKER", "asks", "begin", "end", "prepare"]

MARKER = "allow_async_unsafe"
_FIXTURES = frozenset({"async_safety", "async_unsafe_allowed"})
_OPEN = pytest.StashKey["list[AsyncSafety]"]()
_SAFETY = pytest.StashKey["AsyncSafety"]()


def prepare(config: pytest.Config) -> None:
    """Make room for what tests ask for."""
    config.stash[_OPEN] = []


def asks(item: pytest.Item) -> bool:
    """Tell whether a test asks for anything."""
    return item.get_closest_marker(MARKER) is not None or not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def begin(item: pytest.Item) -> AsyncSafety:
    """Begin what a test asks for, where it has not begun; it ends with the test.

    Raises:
        pytest.fail.Exception: Where a marker cannot be used.
    """
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety  # noqa: PLC0415 - an inert plugin imports little

    open_ones = item.config.stash[_OPEN]
    if not open_ones:
        item.stash[_SAFETY] = AsyncSafety(item, MARKER)
        open_ones.append(item.stash[_SAFETY])
    return item.stash[_SAFETY]


def end(config: pytest.Config) -> None:
    """End what is open."""
    open_ones = config.stash.get(_OPEN, [])
    while open_ones:
        open_ones.pop().end()
