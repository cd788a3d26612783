"""What settings have an effect on: whether a call is stopped, and what ``explain()`` prints."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, explain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["blocking", "explained", "guarded", "is_stopped"]


@async_unsafe
def blocking() -> str:
    """Do nothing, in the place of any call that blocks."""
    return "it ran"


def guarded(name: str) -> Callable[[], str]:
    """Return a guarded function of this qualified name."""

    def function() -> str:
        return "it ran"

    function.__module__, _, function.__qualname__ = name.rpartition(".")
    return async_unsafe(function)


def is_stopped(call: Callable[[], object] = blocking) -> bool:
    """Return whether a guarded call is stopped here."""
    try:
        call()
    except SynchronousOnlyOperation:
        return True
    return False


def explained() -> dict[str, list[str]]:
    """Return what ``explain()`` prints: the texts for each name."""
    output = io.StringIO()
    explain(file=output)
    rows: dict[str, list[str]] = {}
    for line in output.getvalue().splitlines():
        rows.setdefault(line[:22].strip(), []).append(line[22:])
    return rows
