"""Print the effective settings at the point of the call, and the source of each."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._policy import escape_hatch
from ginger_async_safe._policy.grants import grants_here
from ginger_async_safe._policy.notification import repeats
from ginger_async_safe._version import __version__
from ginger_async_safe.detect import async_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

__all__ = ["add_explanation", "effective_setting", "explain", "remove_explanation"]

_WIDTH = 22
_WITHOUT_PATTERNS = {
    "first_party": "what is not installed"
}  # what a setting means that lists no patterns, if not nothing
_sections: list[Callable[[], Iterable[tuple[str, str]]]] = []


def add_explanation(rows: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Add rows to the output of explain(): ``rows`` is called each time, and returns pairs of name and text."""
    _sections.append(rows)


def remove_explanation(rows: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Remove rows that :func:`add_explanation` added.

    Raises:
        ValueError: Where they have not been added.
    """
    _sections.remove(rows)


def explain(*, file: TextIO | None = None) -> None:
    """Print the effective settings and their sources, whether this is an async context, open grants, and reported calls.

    Args:
        file: The text stream to print to; standard output by default.

    Raises:
        ConfigurationError: Where a setting is invalid.
    """
    rows = list(_rows())  # all of them before any is printed: a setting may be invalid
    for name, text in rows:
        print(f"{name:{_WIDTH}}{text}", file=file or sys.stdout)


def effective_setting(key: str) -> str:
    """Return the effective value of a setting and its source, as text.

    Raises:
        ConfigurationError: Where the setting is invalid.
    """
    setting = settings.current(key)
    shown = _shown(setting.value) or _WITHOUT_PATTERNS.get(key, "nothing")
    return f"{shown}   from {setting.source}"


def _rows() -> Iterator[tuple[str, str]]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield "ginger_async_safe", f"{__version__} on {sys.implementation.name} {python}"
    import sysconfig  # noqa: PLC0415 - nothing else here needs it, and policy imports this module

    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        yield (
            "free-threaded build",
            "marked functions are checked by a wrapper; nothing more is promised on such builds yet",
        )
    context = async_context()
    yield "async context here", "no" if context is None else f"yes: {context.loop_name()}"
    for key in settings.KEYS:
        yield key, effective_setting(key)
    hatch = escape_hatch.allowed_by_hatch()
    found = [f"{name}={os.environ[name]!r}" for name in escape_hatch.variables() if name in os.environ]
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
    return getattr(value, "__qualname__", None) or str(value)
