"""The rows of ``explain()`` about rules: how ``pyproject.toml`` changes them, and how many are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.blocking.selection import choice_of_file, selected

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rows"]


def rows() -> Iterator[tuple[str, str]]:
    """Yield names and texts.

    Raises:
        ConfigurationError: If the settings are invalid.
    """
    choice = choice_of_file()
    selected(choice)
    changes = [f"with {rule.id}" for rule in choice.add]
    changes += [f"without {text}" for text in choice.without]
    changes += [f"{text} only from {', '.join(packages)}" for text, packages in choice.only_from]
    if choice.sqlite_in_memory:
        changes.append("SQLite databases in memory are guarded")
    for change in changes or ["all of them"]:
        yield "rules", f"{change}   from {choice.source}"
    ids = in_force.ids()
    if ids:
        yield "rules in force", f"{len(ids)} by guard_blocking_calls()"
