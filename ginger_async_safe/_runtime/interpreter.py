"""Whether this code runs in the main interpreter or in a subinterpreter (PEP 684, PEP 734).

A subinterpreter receives no signals, may refuse daemon threads, and cannot load some of the standard library's C modules.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

__all__ = ["is_main", "module_if_allowed"]

_MODULES = ("_interpreters", "_xxsubinterpreters")  # of Python 3.13 and later, and of those before


@cache
def is_main() -> bool:
    """Return whether this is the main interpreter of the process; true on a Python without subinterpreters."""
    for name in _MODULES:
        module = module_if_allowed(name)
        if module is not None:
            return bool(module.get_current() == module.get_main())
    return True


def module_if_allowed(name: str) -> Any | None:  # noqa: ANN401 - a module of any name
    """Return a standard library module, or ``None`` where it does not exist or cannot be loaded in this interpreter."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
