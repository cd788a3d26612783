"""Patterns over the qualified names of guarded calls, such as ``gingerdj.db.*``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

from ginger_async_safe._runtime.errors import ConfigurationError

__all__ = ["EVERYTHING", "Patterns"]

_PART = r"(?:[^\W\d][\w*?]*|[*?][\w*?]*|<locals>|<lambda>)"
_FORM = rf"{_PART}(?:\.{_PART})*"


class Patterns:
    """A set of patterns; a name matches where one pattern matches the whole name.

    ``*`` matches any number of characters, dots included, and ``?`` exactly one.

    Args:
        patterns: One pattern, or several; one string may hold several, separated by commas.

    Raises:
        ConfigurationError: Where a pattern is not a dotted name with wildcards.
    """

    __slots__ = ("texts",)

    def __init__(self, patterns: str | Iterable[str]) -> None:
        texts: object = patterns.split(",") if isinstance(patterns, str) else patterns
        self.texts: tuple[str, ...] = tuple(map(_checked, texts if isinstance(texts, Iterable) else [texts]))

    def match(self, name: str) -> bool:
        """Return whether a qualified name matches."""
        return _compiled(self.texts).fullmatch(name) is not None

    def __str__(self) -> str:
        return ", ".join(self.texts)


def _checked(text: object) -> str:
    stripped = text.strip() if isinstance(text, str) else ""
    if not re.fullmatch(_FORM, stripped):
        msg = (
            f"{text!r} is not a pattern for guarded calls; "
            'write a dotted name, with * for any part of it, such as "gingerdj.db.*"'
        )
        raise ConfigurationError(msg)
    return stripped


@lru_cache(maxsize=256)
def _compiled(texts: tuple[str, ...]) -> re.Pattern[str]:
    """Compile patterns at their first use: most programs never need it."""
    return re.compile("|".join(map(translate, texts)) if texts else "(?!)")


EVERYTHING = Patterns("*")
