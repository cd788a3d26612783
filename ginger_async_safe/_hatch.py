"""The escape hatch: ``GINGER_ALLOW_ASYNC_UNSAFE``, read strictly, and anew each time it matters."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache

from ginger_async_safe._patterns import EVERYTHING, Patterns
from ginger_async_safe.exceptions import ConfigurationError, ConfigurationWarning

__all__ = ["ACCEPTED", "VARIABLE", "allowed_by_hatch"]

VARIABLE = "GINGER_ALLOW_ASYNC_UNSAFE"
ACCEPTED = "1, true, yes or on; 0, false, no or off; or patterns of calls separated by commas, such as gingerdj.db.*"

_OPEN = frozenset({"1", "true", "yes", "on"})
_SHUT = frozenset({"", "0", "false", "no", "off"})


def allowed_by_hatch() -> Patterns | None:
    """Return what the hatch lets through now, or ``None`` where it is shut.

    A value of no accepted form lets nothing through, and warns once.
    """
    value = os.environ.get(VARIABLE)
    return None if value is None else _read(value)


@lru_cache(maxsize=32)  # also what makes the warning come once
def _read(value: str) -> Patterns | None:
    word = value.strip().lower()
    if word in _SHUT:
        return None
    if word in _OPEN:
        return EVERYTHING
    try:
        patterns = Patterns(value)
    except ConfigurationError:
        patterns = None
    # A bare word is more likely a misspelt yes or no than a name without a module.
    if patterns is None or not all("." in text or "*" in text for text in patterns.texts):
        warnings.warn(
            f"{VARIABLE}={value!r} is not understood, so it allows nothing; accepted are {ACCEPTED}",
            ConfigurationWarning,
            stacklevel=2,
        )
        return None
    return patterns
