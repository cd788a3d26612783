"""Calls that event loops make for themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe.detect import calls_back

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["ON_REQUEST", "is_loops_own", "is_machinery"]

ON_REQUEST = frozenset({"ssl.SSLContext.load_default_certs", "ssl.SSLContext.set_default_verify_paths"})
"""Rules for what loops do only because of an argument such as ``ssl=True``, which the caller can replace."""

_MACHINERY = re.compile(r"(asyncio|uvloop|trio|anyio|sniffio|outcome|nest_asyncio2?|asgiref)(\..*)?")
"""Event loops and their adapters: their own calls are no violations."""


def is_loops_own(caller: FrameType) -> bool:
    """Return whether a loop makes a call for itself, and not as a callback of other code."""
    if caller.f_globals.get("__name__") == "selectors" and caller.f_back is not None:
        return is_loops_own(caller.f_back)
    return is_machinery(caller) and not calls_back(caller)


def is_machinery(frame: FrameType) -> bool:
    """Return whether a frame is of an event loop or an adapter of one."""
    return _is_machinery(str(frame.f_globals.get("__name__")))


@lru_cache(maxsize=4096)
def _is_machinery(module: str) -> bool:
    return _MACHINERY.fullmatch(module) is not None
