"""Calls that event loops make for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.detect import calls_back, is_machinery

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["ON_REQUEST", "is_loops_own"]

ON_REQUEST = frozenset({"ssl.SSLContext.load_default_certs", "ssl.SSLContext.set_default_verify_paths"})
"""Rules for what loops do only because of an argument such as ``ssl=True``, which the caller can replace."""


def is_loops_own(caller: FrameType) -> bool:
    """Return whether a loop makes a call for itself, and not as a callback of other code."""
    if caller.f_globals.get("__name__") == "selectors" and caller.f_back is not None:
        return is_loops_own(caller.f_back)
    return is_machinery(caller) and not calls_back(caller)
