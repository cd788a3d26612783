"""The escape hatch: the environment variable ``GINGER_ALLOW_ASYNC_UNSAFE``, parsed strictly, and read at each use."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache

from ginger_async_safe._config.patterns import EVERYTHING, Patterns
from ginger_async_safe.exceptions import ConfigurationError, ConfigurationWarning

__all__ = ["ACCEPTED", "VARIABLE", "allowed_by_hatch"]

VARIABLE = "GINGER_ALLOW_ASYNC_UNSAFE"
ACCEPTED = "1, true, yes or on; 0, false, no or off; or patterns of calls separated by commas, such as gingerdj.db.*"

_OPEN = frozenset({"1", "true", "yes", "on"})
_SHUT = frozenset({"", "0", "false", "no", "off"})


_former: dict[str, str] = {}  # variables that a framework reads in another way, and its name


def take_over(variable: str, framework: str) -> None:
    """Read a framework's own variable too, by this library's rules; warn once where the framework reads it otherwise."""
    _former[variable] = framework


def give_back(variable: str) -> None:
    """Stop reading a framework's own variable."""
    _former.pop(variable, None)


def variables() -> list[str]:
    """Return the variables that open the hatch."""
    return list(dict.fromkeys([VARIABLE, *_former]))


def forget_values() -> None:
    """Read each value again, and warn of an unknown one again."""
    _read.cache_clear()


def allowed_by_hatch() -> Patterns | None:
    """Return the patterns of the calls that the hatch allows now, or ``None`` where it is shut.

    An invalid value allows nothing, and warns once.
    """
    given = ((name, os.environ.get(name)) for name in (variables() if _former else (VARIABLE,)))
    allowed = [each for each in (_read(name, value, _former.get(name)) for name, value in given if value) if each]
    if len(allowed) > 1:
        return Patterns([text for each in allowed for text in each.texts])
    return allowed[0] if allowed else None


@lru_cache(maxsize=32)  # the cache also makes the warning appear only once
def _read(variable: str, value: str, framework: str | None) -> Patterns | None:
    word = value.strip().lower()
    if word in _OPEN:
        return EVERYTHING
    patterns = None if word in _SHUT else _patterns(value)
    if patterns is None and word not in _SHUT:
        warning = f"{variable}={value!r} is not understood, so it allows nothing; accepted are {ACCEPTED}"
    elif framework is not None:
        allows = "nothing" if patterns is None else f"only {patterns}"
        warning = (
            f"{variable}={value!r} allows {allows}; to {framework} alone, any value allows everything: write 1 for that"
        )
    else:
        return patterns
    warnings.warn(warning, ConfigurationWarning, stacklevel=2)
    return patterns


def _patterns(value: str) -> Patterns | None:
    """Parse patterns. A word without dots is more likely a misspelt yes or no than a name without a module."""
    try:
        patterns = Patterns(value)
    except ConfigurationError:
        return None
    return patterns if all("." in text or "*" in text for text in patterns.texts) else None
