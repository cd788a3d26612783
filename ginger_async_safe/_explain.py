"""Tell what is in force here, and where each setting came from."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ginger_async_safe import _hatch, _settings
from ginger_async_safe._grants import grants_here
from ginger_async_safe._version import __version__
from ginger_async_safe.detect import async_context
from ginger_async_safe.policy import repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

__all__ = ["add_section", "explain", "in_force", "remove_section"]

_WIDTH = 22
_sections: list[Callable[[], Iterable[tuple[str, str]]]] = []


def add_section(rows: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Have explain() print more: ``rows`` is called for names and texts each time."""
    _sections.append(rows)


def remove_section(rows: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Have explain() print that no longer."""
    _sections.remove(rows)


def explain(*, file: TextIO | None = None) -> None:
    """Print the settings in force and their sources, what waits here, and the sites reported so far.

    Args:
        file: Where to print; standard output where it is not given.

    Raises:
        ConfigurationError: Where a setting cannot be used.
    """
    rows = list(_rows())  # all of them, before any is printed: a setting may be bad
    for name, text in rows:
        print(f"{name:{_WIDTH}}{text}", file=file or sys.stdout)


def in_force(key: str) -> str:
    """Say what a setting is, and where it comes from.

    Raises:
        ConfigurationError: Where it cannot be used.
    """
    setting = _settings.current(key)
    return f"{_shown(setting.value)}   from {setting.source}"


def _rows() -> Iterator[tuple[str, str]]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield "ginger_async_safe", f"{__version__} on {sys.implementation.name} {python}"
    context = async_context()
    yield "async context here", "no" if context is None else f"yes: {context.loop_name()}"
    for key in _settings.KEYS:
        yield key, in_force(key)
    hatch = _hatch.allowed_by_hatch()
    found = [f"{name}={os.environ[name]!r}" for name in _hatch.variables() if name in os.environ]
    source = ", ".join(found) or "not set"
    yield "escape hatch", f"{'shut' if hatch is None else f'open for {hatch}'}   {source}"
    for grant in grants_here():
        used = f"used {_times(grant.matched)}" if grant.matched else "unused so far"
        yield "grant", f"{grant.calls}   {grant.reason or 'no reason given'} ({used})"
    for (call, place), count in repeats.counts().items():
        yield "violation reported", f"{call} at {place}   {_times(count)}"
    for rows in _sections:
        yield from rows()


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return getattr(value, "__qualname__", None) or str(value) or "nothing"
