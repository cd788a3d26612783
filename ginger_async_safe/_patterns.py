"""Patterns over the qualified names of guarded calls, such as ``gingerdj.db.*``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["EVERYTHING", "Patterns"]

_PART = r"(?:[^\W\d][\w*?]*|[*?][\w*?]*|<locals>|<lambda>)"
_FORM = rf"{_PART}(?:\.{_PART})*"


class Patterns:
    """A set of patterns; a name matches where one of them matches all of it.

    ``*`` stands for any run of characters, dots included, and ``?`` for one character.

    Args:
        patterns: One pattern, or several; one string may hold several, separated by commas.

    Raises:
        ConfigurationError: Where one is not a dotted name with wildcards.
    """

    __slots__ = ("texts",)

    def __init__(self, patterns: str | Iterable[str]) -> None:
        texts: object = patterns.split(",") if isinstance(patterns, str) else patterns
        self.texts: tuple[str, ...] = tuple(map(_checked, texts if isinstance(texts, Iterable) else [texts]))

    def match(self, name: str) -> bool:
        """Tell whether a qualified name matches."""
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
    """Compile patterns, at the first use: most programs never do."""
    return re.compile("|".join(map(translate, texts)) if texts else "(?!)")


EVERYTHING = Patterns("*")
