"""Places in the source that was read, as a person at this working directory would write them."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from ginger_async_safe.lint.findings import Step

__all__ = ["file_of", "label", "line_of"]


def file_of(path: Path) -> str:
    """Return a path; a report names the same few files thousands of times."""
    return _shown(path, os.getcwd())  # noqa: PTH109 - a path is dear


def line_of(step: Step) -> str:
    """Return the file, line and column, as editors and terminals make a link of it, and the function."""
    return f"{file_of(step.path)}:{step.line}:{step.column} in {label(step)}"


def label(step: Step) -> str:
    """Return a function's name with its class, as reports at run time have it; its module is known from its file."""
    names = step.function.split(".")
    file = _parts(step.path)
    of_module = next((count for count in range(len(names) - 1, 0, -1) if names[:count] == file[-count:]), 0)
    return ".".join(names[of_module:]).rpartition("<locals>.")[2]


@lru_cache(maxsize=4096)
def _shown(path: Path, _here: str) -> str:
    return shown_path(path)


@lru_cache(maxsize=4096)
def _parts(path: Path) -> list[str]:
    """Return what the dotted name of a file's module ends with, or more."""
    return [*path.parts[:-1], *([] if path.stem == "__init__" else [path.stem])]
